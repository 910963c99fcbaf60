-- What Prisma makes of the model `Session`, and an index by which expired sessions are found. Not needed with sessions in KV.
CREATE TABLE "Session" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "user_id" TEXT NOT NULL,
    "active_expires" BIGINT NOT NULL,
    "idle_expires" BIGINT NOT NULL,
    CONSTRAINT "Session_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "User" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE INDEX "Session_user_id_idx" ON "Session"("user_id");

CREATE INDEX "Session_idle_expires_idx" ON "Session"("idle_expires");
