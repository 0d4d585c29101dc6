#!/bin/sh
# Stops what start-monitoring.sh started and keeps its data.
set -eu
cd "$(dirname "$0")/.."
docker compose down
