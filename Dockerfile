# syntax=docker/dockerfile:1
# One file for CPU (default) and GPU:  docker build --build-arg TORCH="torch>=2.10" .   takes the CUDA build.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ARG TORCH="torch==2.13.0"
ARG TORCH_INDEX=""
WORKDIR /src
RUN python -m venv /opt/summarizer
ENV PATH=/opt/summarizer/bin:$PATH SUMMARIZER_MODELS_DIR=/opt/models
# Torch first, in a layer of its own: it is the largest and changes the least.
RUN pip install --no-cache-dir ${TORCH_INDEX:+--index-url "$TORCH_INDEX"} "$TORCH"
COPY pyproject.toml README.md LICENSE ./
COPY models models
COPY summarizer summarizer
RUN pip install --no-cache-dir .
RUN summarizer models pull && summarizer models verify

FROM ${PYTHON_IMAGE}
RUN useradd --uid 10001 --create-home summarizer && mkdir /cache && chown summarizer /cache
COPY --from=build /opt/summarizer /opt/summarizer
COPY --from=build --chown=summarizer /opt/models /opt/models
ENV PATH=/opt/summarizer/bin:$PATH \
    HF_HUB_OFFLINE=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    SUMMARIZER_MODELS_DIR=/opt/models \
    SUMMARIZER_CACHE__PATH=/cache/summaries.sqlite3 \
    SUMMARIZER_SERVER__HOST=0.0.0.0
USER summarizer
WORKDIR /home/summarizer
VOLUME /cache
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD \
    python -c "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/ready', timeout=4)"
CMD ["summarizer", "serve"]
