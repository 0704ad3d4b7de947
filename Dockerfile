# One image for migrate, api, worker and the sandbox's simulator; compose chooses the command.
FROM node:22.21.1-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json prisma.config.ts ./
COPY prisma ./prisma
# The postinstall step generates the Prisma client into src/store/generated.
RUN npm ci --omit=dev --no-audit --no-fund

FROM node:22.21.1-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 CLOUDNEXUS_DATA_DIR=/data CLOUDNEXUS_CONFIG=/etc/cloudnexus/cloudnexus.yaml
WORKDIR /app
RUN mkdir /data && chown node:node /data
COPY --from=dependencies --chown=node:node /app/node_modules ./node_modules
COPY --from=dependencies --chown=node:node /app/src/store/generated ./src/store/generated
COPY --chown=node:node package.json tsconfig.json ./
COPY --chown=node:node prisma ./prisma
COPY --chown=node:node src ./src
COPY --chown=node:node workflows ./workflows
COPY --chown=node:node activities ./activities
COPY --chown=node:node simulator ./simulator
USER node
VOLUME /data
EXPOSE 8080
CMD ["node", "--import", "tsx", "src/server.ts"]
