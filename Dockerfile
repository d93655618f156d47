# One image for every process of the platform: `sunlight api|worker|migrate …`.
FROM python:3.12-slim-bookworm AS build
WORKDIR /opt/sunlight
RUN apt-get update && apt-get install -y --no-install-recommends make && rm -rf /var/lib/apt/lists/*
COPY . .
RUN make setup && rm -rf .cache node_modules

FROM python:3.12-slim-bookworm
LABEL org.opencontainers.image.title="Sunlight Platform 阳光平台" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --system --gid 10001 sunlight \
    && useradd --system --uid 10001 --gid sunlight --no-create-home --shell /usr/sbin/nologin sunlight \
    && install -d -o sunlight -g sunlight -m 0750 /var/lib/sunlight/materials
WORKDIR /opt/sunlight
COPY --from=build --chown=root:root /opt/sunlight /opt/sunlight
ENV PATH=/opt/sunlight/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
EXPOSE 8000
ENTRYPOINT ["sunlight"]
CMD ["--help"]
