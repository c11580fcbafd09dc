#!/bin/bash
# Builds app.js and app.css from web/, whose versions are pinned. Run it after a
# change there, and commit what it writes. Needs Node 18 or later.
set -euo pipefail
cd "$(dirname "$0")/web"
npm ci --ignore-scripts --no-audit --no-fund
node build.mjs
wc -c ../app.js ../app.css
