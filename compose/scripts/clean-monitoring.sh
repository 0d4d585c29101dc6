#!/bin/sh
# Stops what start-monitoring.sh started and deletes its data: events, views, metrics, traces, dashboards' state.
set -eu
cd "$(dirname "$0")/.."
docker compose down --volumes --remove-orphans
