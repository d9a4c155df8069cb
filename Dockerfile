FROM debian:bookworm-slim AS build
COPY docker/build-packages.txt /tmp/
RUN apt-get update \
    && sed 's/#.*//' /tmp/build-packages.txt | xargs apt-get install -y --no-install-recommends \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY CMakeLists.txt CMakePresets.json ./
COPY cmake cmake
COPY include include
COPY src src
COPY web web
RUN --mount=type=cache,target=/root/.cache/ccache \
    cmake --preset release -DATENDE_TESTS=OFF \
    && cmake --build --preset release --target atende \
    && strip build/release/atende build/release/atende-media

FROM debian:bookworm-slim
COPY docker/runtime-packages.txt /tmp/
RUN apt-get update \
    && sed 's/#.*//' /tmp/runtime-packages.txt | xargs apt-get install -y --no-install-recommends \
    && rm -rf /var/lib/apt/lists/* /tmp/runtime-packages.txt \
    && useradd --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin atende \
    && install -d -o atende -g atende -m 0700 /data
COPY --from=build /src/build/release/atende /src/build/release/atende-media /usr/local/bin/
COPY profiles /app/profiles
WORKDIR /app
ENV HOST=0.0.0.0 PORT=8000 DATA_DIR=/data TZ=America/Sao_Paulo
USER atende
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 CMD ["atende", "health"]
ENTRYPOINT ["atende"]
CMD ["serve"]
