# syntax=docker/dockerfile:1
# CPU by default. For NVIDIA GPUs:  docker build --build-arg TORCH_INDEX= .   takes PyPI's CUDA build of torch.
# A registry of your own:  docker build --secret id=pip,src=pip.conf .
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ARG TORCH="torch==2.13.0"
ARG TORCH_INDEX="https://download.pytorch.org/whl/cpu"
ARG EXTRAS="openvino,redis"
ARG MODELS="smollm2-135m-news"
WORKDIR /src
RUN python -m venv /opt/summarizer
ENV PATH=/opt/summarizer/bin:$PATH \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    SUMMARIZER_MODELS_DIR=/opt/models
# Layers from what changes least to what changes most: torch, the other libraries, our code, the model.
RUN --mount=type=secret,id=pip,target=/etc/pip.conf \
    pip install ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} "$TORCH"
# openvino works without its telemetry, which would report each start.
COPY pyproject.toml README.md LICENSE ./
RUN --mount=type=secret,id=pip,target=/etc/pip.conf \
    mkdir models summarizer && touch summarizer/__init__.py \
    && pip install ".${EXTRAS:+[$EXTRAS]}" && pip uninstall --yes summarizer openvino-telemetry
COPY models models
COPY summarizer summarizer
RUN --mount=type=secret,id=pip,target=/etc/pip.conf \
    pip install --no-deps .
RUN --mount=type=secret,id=pip,target=/etc/pip.conf \
    for model in $MODELS; do summarizer models pull "$model" && summarizer models verify "$model" || exit 1; done
# Headers and test programs are of no use without a compiler (195 MB).
RUN cd /opt/summarizer/lib/python3.*/site-packages/torch && rm -rf include test \
    && find bin -type f ! -name torch_shm_manager -delete

FROM ${PYTHON_IMAGE}
RUN useradd --uid 10001 --create-home summarizer && mkdir /cache && chown summarizer /cache
# Both belong to root: the service cannot change its own code or weights.
COPY --from=build /opt/summarizer /opt/summarizer
COPY --from=build /opt/models /opt/models
# Whatever is written goes to /cache, so that everything else can be read-only.
ENV PATH=/opt/summarizer/bin:$PATH \
    HF_HOME=/cache/huggingface \
    HF_HUB_OFFLINE=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    SUMMARIZER_CACHE__PATH=/cache/summaries.sqlite3 \
    SUMMARIZER_MODELS_DIR=/opt/models \
    SUMMARIZER_SERVER__HOST=0.0.0.0 \
    SUMMARIZER_SERVER__PORT=8000 \
    TMPDIR=/cache \
    XDG_CACHE_HOME=/cache
USER summarizer
WORKDIR /home/summarizer
VOLUME /cache
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s CMD \
    python -c "import os, urllib.request as r; r.urlopen('http://127.0.0.1:%s/ready' % os.environ['SUMMARIZER_SERVER__PORT'], timeout=4)"
CMD ["summarizer", "serve"]
