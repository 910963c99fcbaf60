-- One-time tokens and the counters of attempts to sign in, and an index by which expired ones are found.
CREATE TABLE "Token" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "kind" TEXT NOT NULL,
    "user_id" TEXT,
    "data" TEXT NOT NULL,
    "expires" BIGINT NOT NULL,
    CONSTRAINT "Token_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "User" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE INDEX "Token_user_id_idx" ON "Token"("user_id");

CREATE INDEX "Token_expires_idx" ON "Token"("expires");
