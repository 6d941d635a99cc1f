# The web page and the commands. They ask an engine at ASSISTANT_ENGINE_URL, so the packages that
# only an engine needs (vLLM, Triton and theirs: 1.9 of 4 GB) are left out.

FROM python:3.11-slim-bookworm AS packages
RUN pip install --no-cache-dir uv==0.13.9 && python -m venv /venv
COPY locks/cpu.lock docker/engine-only.txt /locks/
RUN sed 's/.*/^&==/' /locks/engine-only.txt | grep -v -f - /locks/cpu.lock > /locks/app.lock
ENV VIRTUAL_ENV=/venv UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
# Torch's CPU build lies apart from all other packages, and uv knows where.
RUN --mount=type=cache,target=/root/.cache/uv \
    grep '^torch==' /locks/app.lock | uv pip install --no-deps --torch-backend cpu -r - \
    && uv pip install --no-deps -r /locks/app.lock

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --create-home --home-dir /data shop
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    ASSISTANT_HOME=/data \
    XDG_CACHE_HOME=/tmp/cache \
    GRADIO_TEMP_DIR=/tmp/gradio \
    GRADIO_ANALYTICS_ENABLED=False \
    HF_HUB_OFFLINE=1
WORKDIR /app
COPY --from=packages /venv /venv
COPY LICENSE ./
COPY assistant assistant
COPY prompts prompts
RUN python -m compileall -q assistant
USER 10001:10001
VOLUME ["/data"]
EXPOSE 7860
# The first start prepares the store, which takes minutes.
HEALTHCHECK --interval=30s --timeout=5s --start-period=15m --retries=3 \
    CMD ["python", "-c", "import http.client as h, sys; c = h.HTTPConnection('127.0.0.1', 7860, timeout=4); c.request('GET', '/about'); sys.exit(c.getresponse().status != 200)"]
ENTRYPOINT ["python", "-m", "assistant"]
CMD ["demo", "--no-browser"]
