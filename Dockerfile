# One image for all roles: the command's first argument says which (operator, sender, gateway, run, …).
# Node runs the TypeScript as it is, so there is nothing to compile.
FROM docker.io/library/node:26-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app

# Without the development tools: their binaries for other platforms may be missing from the lock file, which npm ci would refuse.
# Nothing that is needed at run time has an install script; none may run here. Type declarations and source maps are half of the rest.
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm pkg delete devDependencies && npm ci --ignore-scripts \
  && find node_modules -type f \( -name '*.d.ts' -o -name '*.map' \) -delete

COPY controller controller

# A number, so that Kubernetes can tell that it is not root. Nothing is written below /, so the root may be read-only.
USER 65532:65532
ENTRYPOINT ["node", "controller/cli/main.ts"]
