# One image for web, doors, workers and schedule.
FROM node:22-slim AS front
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY frontend ./
RUN node build.mjs --out /dist

FROM python:3.11-slim-bookworm
RUN apt-get update && apt-get install -y --no-install-recommends ffmpeg fonts-noto-cjk && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY requirements/base.txt requirements/base.txt
RUN pip install --no-cache-dir --require-hashes -r requirements/base.txt
COPY . .
COPY --from=front /dist /front
RUN useradd --uid 10001 --create-home lectures && mkdir /data && chown lectures /data
ENV DATA_DIR=/data FRONT_END_DIR=/front PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER lectures
