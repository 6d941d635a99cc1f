# vLLM on the CPU with the default model inside, for the app's ASSISTANT_ENGINE_URL.
# `packages` is app.Dockerfile's stage to the letter, so that it is built once for both.

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

FROM packages AS engine
RUN --mount=type=cache,target=/root/.cache/uv uv pip install --no-deps -r /locks/cpu.lock

FROM python:3.11-slim-bookworm
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libnuma1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home --home-dir /cache engine
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/cache \
    TORCHINDUCTOR_CACHE_DIR=/cache/inductor \
    HF_HUB_OFFLINE=1 \
    VLLM_NO_USAGE_STATS=1 \
    DO_NOT_TRACK=1 \
    VLLM_CPU_KVCACHE_SPACE=2 \
    VLLM_ENABLE_V1_MULTIPROCESSING=0
COPY --from=engine /venv /venv
COPY --from=model /models /models
WORKDIR /models
USER 10001:10001
VOLUME ["/cache"]
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=10m --retries=4 \
    CMD ["python", "-c", "import http.client as h, sys; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/health'); sys.exit(c.getresponse().status != 200)"]
# The flags of assistant/llm/engine_command.py, held to them by a test, but for the address.
ENTRYPOINT ["python", "-m", "vllm.entrypoints.openai.api_server", \
    "--host", "0.0.0.0", "--port", "8000", \
    "--max-model-len", "4096", "--max-num-seqs", "16", "--enable-prefix-caching", \
    "--structured-outputs-config", "{\"backend\": \"xgrammar\", \"disable_any_whitespace\": true}", \
    "--no-enable-log-requests", "--disable-uvicorn-access-log", "--disable-fastapi-docs", \
    "--enforce-eager", "--distributed-executor-backend", "uni"]
# A folder beside this one, or a hub model's id where HF_HUB_OFFLINE is 0.
CMD ["--model", "smollm2-135m-instruct", "--served-model-name", "smollm2-135m-instruct"]
