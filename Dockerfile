# The image of newsmill; the stage `flower` adds Celery's monitor. Packages are pinned by hash and installed offline into a
# virtual environment. langdetect, pure Python, has no wheel and is built from source.
ARG PYTHON=3.13.14-slim-trixie

FROM python:${PYTHON} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
RUN python -m venv tools && python -m venv --without-pip /opt/newsmill
COPY docker/requirements-build.txt ./
RUN tools/bin/pip install --quiet --require-hashes --requirement requirements-build.txt
COPY requirements.txt ./
RUN tools/bin/pip wheel --quiet --require-hashes --no-build-isolation --only-binary :all: --no-binary langdetect \
        --requirement requirements.txt --wheel-dir wheels \
    && tools/bin/pip --python /opt/newsmill/bin/python install --quiet --no-index --no-deps wheels/*.whl
# The export only writes Parquet files. The parts of Arrow for clouds and other servers, and its tests, would be 62 MB.
RUN cd /opt/newsmill/lib/python3*/site-packages/pyarrow \
    && rm -r include src tests _flight.* _s3fs.* libarrow_flight.* libarrow_python_flight.* libarrow_s3.*
COPY pyproject.toml README.md LICENSE ./
COPY tasks tasks
COPY workers workers
COPY monitoring monitoring
COPY seeds seeds
RUN tools/bin/pip wheel --quiet --no-index --no-deps --no-build-isolation --wheel-dir dist . \
    && tools/bin/pip --python /opt/newsmill/bin/python install --quiet --no-index --no-deps dist/*.whl

FROM build AS build-flower
COPY docker/requirements-flower.txt ./
RUN tools/bin/pip --python /opt/newsmill/bin/python install --quiet --require-hashes --only-binary :all: \
        --requirement requirements-flower.txt

FROM python:${PYTHON} AS base
# The volumes of the generated passwords get their owner from these folders, so nothing has to run as root.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin newsmill \
    && install -d -o newsmill -g newsmill /run/newsmill /run/newsmill-redis /run/newsmill-flower
ENV PATH=/opt/newsmill/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /urls
USER newsmill

FROM base AS flower
COPY --from=build-flower /opt/newsmill /opt/newsmill
ENTRYPOINT ["celery", "--app", "workers.app", "flower"]

FROM base AS newsmill
COPY --from=build /opt/newsmill /opt/newsmill
COPY docker/health.py /opt/newsmill/health.py
HEALTHCHECK --interval=15s --timeout=10s --start-period=60s --retries=3 CMD ["python", "/opt/newsmill/health.py"]
ENTRYPOINT ["newsmill"]
CMD ["--help"]
