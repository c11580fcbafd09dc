// Package pattern finds the pattern that the name of a key follows, without
// being told.
//
// # Names
//
// Append takes the parts of one name that vary from key to key and writes
// placeholders for them. What is left, words and separators, stays as it is:
//
//	user:1042:profile                              user:{n}:profile
//	sess:5f0c7e1b-0a7c-4a53-9f0e-0d3c1a8b7e11      sess:{uuid}
//	stats:2024-01-31:page:/cart                    stats:{date}:page:/cart
//	user1000                                       user{n}
//
// These are the placeholders:
//
//	{n}         a number: 42, -7, 52.52, and three or more groups of digits
//	            with a hyphen or a space between them, 978-3-16-148410-0
//	{hex}       eight or more hexadecimal digits, with figures and letters among
//	            them; 0x1f40; a MAC address
//	{uuid}      a UUID
//	{date}      2024-01-31, 2024-01, 2024:01:31, 31.01.2024, 20240131, 202401,
//	            2024-W05, 2024-Q1
//	{datetime}  a date with the time of day: 2024-01-31T10:20, 2024013110
//	{ip}        an IPv4 or IPv6 address
//	{email}     a mail address
//	{jwt}       a JSON Web Token
//	{id}        other text that looks drawn at random: base64, base62, ULID,
//	            nanoid, geohash
//	{bin}       bytes that are not text
//	{*}         any part: where a Set has folded many words into one
//	{...}       whatever follows: the rest of a long name, or many parts that a
//	            Set has folded into one
//
// A figure that belongs to a word stays: v2, s3, h264, oauth2, 24h.
//
// Braces in a name, such as those of a hash tag, stay as they are, and the
// pattern of {user1000}.following is {user{n}}.following. Only where the name
// itself has the text of a placeholder does an equals sign tell: the pattern of
// a key that is called user:{id} is user:{=id}, and of user:{=id} it is
// user:{==id}. So no text of a name is ever taken for a placeholder.
//
// # Sets
//
// A variable part may also be a word that no look at the one name could tell from
// the words that stay: user:alice, user:bob. A Set counts the keys of each
// pattern and draws user:{*} where there are many light siblings. It has a bound
// of patterns, and so of memory, whatever the names are.
package pattern
