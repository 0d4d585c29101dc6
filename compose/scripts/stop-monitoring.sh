#!/bin/sh
# Stops the monitoring and keeps its data; the platform goes on. Both: stop-monitoring.sh all; the platform's data stay too.
set -eu
cd "$(dirname "$0")/.."
case "${1:-monitoring}" in
    monitoring) ;;
    all) docker compose --profile '*' down ;;
    *) echo "usage: $0 [monitoring|all]" >&2; exit 2 ;;
esac
docker compose -f monitoring.yaml down
