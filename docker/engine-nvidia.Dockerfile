# vLLM on NVIDIA GPUs: the official image with the default model inside, run as engine-cpu is.
# `packages` and `model` are engine-cpu.Dockerfile's stages to the letter, so they are built once.

FROM python:3.11-slim-bookworm AS packages
RUN pip install --no-cache-dir uv==0.13.9 && python -m venv /venv
COPY locks/cpu.lock docker/engine-only.txt /locks/
RUN sed 's/.*/^&==/' /locks/engine-only.txt | grep -v -f - /locks/cpu.lock > /locks/app.lock
ENV VIRTUAL_ENV=/venv UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
# Torch's CPU build lies apart from all other packages, and uv knows where.
RUN --mount=type=cache,target=/root/.cache/uv \
    grep '^torch==' /locks/app.lock | uv pip install --no-deps --torch-backend cpu -r - \
    && uv pip install --no-deps -r /locks/app.lock

FROM packages AS model
WORKDIR /build
COPY assistant/__init__.py assistant/errors.py assistant/settings.py assistant/
COPY assistant/llm assistant/llm
RUN /venv/bin/python -c "from pathlib import Path; from assistant.llm import model_store as s; s.prepare_model(s.DEFAULT_MODEL, Path('/build'), lambda what, share: None)" \
    && mkdir /models \
    && mv models/smollm2-135m-instruct-* /models/smollm2-135m-instruct \
    && chmod -R a+rX /models

FROM vllm/vllm-openai:v0.32.0
USER root
RUN useradd --uid 10001 --create-home --home-dir /cache engine
# What is compiled and downloaded goes below the home folder, the one place that stays writable.
ENV PYTHONUNBUFFERED=1 \
    HOME=/cache \
    TORCHINDUCTOR_CACHE_DIR=/cache/inductor \
    HF_HUB_OFFLINE=1 \
    VLLM_NO_USAGE_STATS=1 \
    DO_NOT_TRACK=1
COPY --from=model /models /models
WORKDIR /models
USER 10001:10001
VOLUME ["/cache"]
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=20m --retries=4 \
    CMD ["python3", "-c", "import http.client as h, sys; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/health'); sys.exit(c.getresponse().status != 200)"]
# Compiled here: a GPU server starts seldom and answers many.
ENTRYPOINT ["python3", "-m", "vllm.entrypoints.openai.api_server", \
    "--host", "0.0.0.0", "--port", "8000", \
    "--max-model-len", "4096", "--max-num-seqs", "16", "--enable-prefix-caching", \
    "--structured-outputs-config", "{\"backend\": \"xgrammar\", \"disable_any_whitespace\": true}", \
    "--no-enable-log-requests", "--disable-uvicorn-access-log", "--disable-fastapi-docs"]
CMD ["--model", "smollm2-135m-instruct", "--served-model-name", "smollm2-135m-instruct"]
