// slide holds PSHUFB controls: the 16 bytes from slide+16-n move the last n bytes of a register to its beginning and clear
// the rest.
DATA slide<>+0(SB)/8, $0x0706050403020100
DATA slide<>+8(SB)/8, $0x0f0e0d0c0b0a0908
DATA slide<>+16(SB)/8, $0x8080808080808080
DATA slide<>+24(SB)/8, $0x8080808080808080
GLOBL slide<>(SB), RODATA|NOPTR, $32
