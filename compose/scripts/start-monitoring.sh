#!/bin/sh
# Starts the stack and prints where everything is.
#   start-monitoring.sh        collector, Jaeger, Prometheus, Grafana; the roles run on this machine (ALLY_HOST=0.0.0.0 make up)
#   start-monitoring.sh all    these, and every role, NATS and Postgres in containers
set -eu
cd "$(dirname "$0")/.."

secret() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

if [ ! -f .env ]; then
    umask 077
    sed -e "s/^GF_SECURITY_ADMIN_PASSWORD=\$/&$(secret)/" \
        -e "s/^POSTGRES_PASSWORD=\$/&$(secret)/" \
        -e "s/^ALLY_JWT_SECRET=\$/&$(secret)/" .env.example > .env
    echo "Wrote compose/.env with new secrets."
fi

# What a newer version has more, as the example has it; nothing of yours is changed.
sed -n 's/^\([A-Z_][A-Z_]*\)=.*/\1/p' .env.example | while read -r name; do
    grep -q "^$name=" .env || sed -n "/^$name=/p" .env.example >> .env
done

case "${1:-monitoring}" in
    monitoring) PROMETHEUS_CONFIG=host.yml docker compose -f monitoring.yaml up --detach ;;
    all) docker compose up --detach --build --wait ;;
    *) echo "usage: $0 [monitoring|all]" >&2; exit 2 ;;
esac

port() { sed -n "s/^$1=//p" .env; }
echo "Grafana     http://localhost:$(port GRAFANA_PORT)  (admin, the password is GF_SECURITY_ADMIN_PASSWORD in compose/.env)"
echo "Jaeger      http://localhost:$(port JAEGER_PORT)"
echo "Prometheus  http://localhost:$(port PROMETHEUS_PORT)"
echo "OTLP        http://localhost:$(port OTLP_HTTP_PORT)  (OTEL_EXPORTER_OTLP_ENDPOINT of roles on this machine)"
if [ "${1:-monitoring}" = all ]; then
    echo "API         http://localhost:$(port GATEWAY_BFF_PORT)"
    echo "NATS        http://localhost:$(port NATS_MONITOR_PORT)"
fi
