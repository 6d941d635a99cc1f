# The only way in. The demonstration listens on its own loopback and refuses anything wider; this
# shares its network and passes connections on, so that the host can publish them on its loopback.

FROM debian:12-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends socat \
    && rm -rf /var/lib/apt/lists/*
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
    CMD ["socat", "-u", "OPEN:/dev/null", "TCP:127.0.0.1:8080,connect-timeout=3"]
ENTRYPOINT ["socat", "TCP-LISTEN:8080,reuseaddr,fork,max-children=256"]
CMD ["TCP:127.0.0.1:7860"]
