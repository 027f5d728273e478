# One image for all roles: the command's first argument says which (operator, sender, gateway, run, …).
# Node runs the TypeScript as it is, so there is nothing to compile.
FROM docker.io/library/node:26-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app

# Without the development tools: their binaries for other platforms may be missing from the lock file, which npm ci would refuse.
# Nothing that is needed at run time has an install script; none may run here. Type declarations and source maps are half of the rest.
# What is in the image is listed in sbom.cdx.json (CycloneDX).
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm pkg delete devDependencies && npm ci --ignore-scripts \
  && npm sbom --sbom-format cyclonedx --sbom-type application > sbom.cdx.json \
  && find node_modules -type f \( -name '*.d.ts' -o -name '*.map' \) -delete

COPY controller controller

# Memory: of 10,000 mailboxes an operator holds 65 MB, but with Node's young generation of three times 16 MB and an arena of malloc per thread
# it takes 330 MB. With less of each, and the heap grown in smaller steps, it takes 210, for a seventh more CPU (npm run bench:operator).
ENV MALLOC_ARENA_MAX=1
ENV NODE_COMPILE_CACHE=/app/.compile-cache
RUN install -d -o 65532 -g 65532 "$NODE_COMPILE_CACHE"

# A number, so that Kubernetes can tell that it is not root. Nothing is written below / at run time, so the root may be read-only.
USER 65532:65532
# Compiled once, here: the cache is looked for under the user and the flags that it was made with.
RUN node --max-semi-space-size=8 --heap-growing-percent=60 controller/cli/main.ts --help > /dev/null
ENTRYPOINT ["node", "--max-semi-space-size=8", "--heap-growing-percent=60", "controller/cli/main.ts"]
