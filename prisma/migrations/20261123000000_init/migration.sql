CREATE TYPE "UserRole" AS ENUM ('viewer', 'operator', 'engineer', 'admin', 'auditor');

CREATE TYPE "AgentKind" AS ENUM ('edge', 'camera');

CREATE TYPE "AgentStatus" AS ENUM ('pending', 'accepted', 'revoked');

CREATE TYPE "AliasName" AS ENUM ('champion', 'candidate', 'shadow', 'previous');

CREATE TYPE "DeploymentKind" AS ENUM ('initial', 'promote', 'auto', 'rollback');

CREATE TYPE "Decision" AS ENUM ('recognised', 'unknown');

CREATE TYPE "Review" AS ENUM ('none', 'confirmed', 'rejected', 'assigned');

CREATE TYPE "ImageStatus" AS ENUM ('pending', 'accepted', 'rejected');

CREATE TYPE "ImageSource" AS ENUM ('upload', 'event', 'seed');

CREATE TYPE "RunStatus" AS ENUM ('queued', 'running', 'paused', 'done', 'failed', 'cancelled');

CREATE TYPE "MetricScope" AS ENUM ('edge', 'camera', 'scenario');

CREATE TYPE "LogLevel" AS ENUM ('info', 'warn', 'error');

CREATE TABLE "User" (
  "id" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "email" TEXT NOT NULL,
  "emailVerified" BOOLEAN NOT NULL DEFAULT false,
  "image" TEXT,
  "role" "UserRole" NOT NULL DEFAULT 'viewer',
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt" TIMESTAMPTZ(3) NOT NULL,

  CONSTRAINT "User_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "Session" (
  "id" TEXT NOT NULL,
  "token" TEXT NOT NULL,
  "userId" TEXT NOT NULL,
  "expiresAt" TIMESTAMPTZ(3) NOT NULL,
  "ipAddress" TEXT,
  "userAgent" TEXT,
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt" TIMESTAMPTZ(3) NOT NULL,

  CONSTRAINT "Session_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "Account" (
  "id" TEXT NOT NULL,
  "accountId" TEXT NOT NULL,
  "providerId" TEXT NOT NULL,
  "userId" TEXT NOT NULL,
  "accessToken" TEXT,
  "refreshToken" TEXT,
  "idToken" TEXT,
  "accessTokenExpiresAt" TIMESTAMPTZ(3),
  "refreshTokenExpiresAt" TIMESTAMPTZ(3),
  "scope" TEXT,
  "password" TEXT,
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt" TIMESTAMPTZ(3) NOT NULL,

  CONSTRAINT "Account_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "Verification" (
  "id" TEXT NOT NULL,
  "identifier" TEXT NOT NULL,
  "value" TEXT NOT NULL,
  "expiresAt" TIMESTAMPTZ(3) NOT NULL,
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt" TIMESTAMPTZ(3) NOT NULL,

  CONSTRAINT "Verification_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "Site" (
  "id" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "timeZone" TEXT NOT NULL DEFAULT 'UTC',
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

  CONSTRAINT "Site_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "EdgeServer" (
  "id" TEXT NOT NULL,
  "siteId" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "policy" JSONB NOT NULL,
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt" TIMESTAMPTZ(3) NOT NULL,

  CONSTRAINT "EdgeServer_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "Camera" (
  "id" TEXT NOT NULL,
  "siteId" TEXT NOT NULL,
  "scenarioId" TEXT NOT NULL,
  "edgeServerId" TEXT,
  "name" TEXT NOT NULL,
  "source" JSONB NOT NULL,
  "sampleRate" DOUBLE PRECISION NOT NULL DEFAULT 5,
  "unpaced" BOOLEAN NOT NULL DEFAULT false,
  "minFaceSize" INTEGER NOT NULL DEFAULT 24,
  "detectorThreshold" DOUBLE PRECISION NOT NULL DEFAULT 0.5,
  "ingestKeySealed" BYTEA NOT NULL,
  "ingestKeySha256" TEXT NOT NULL,
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt" TIMESTAMPTZ(3) NOT NULL,
  "deletedAt" TIMESTAMPTZ(3),

  CONSTRAINT "Camera_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "Agent" (
  "id" TEXT NOT NULL,
  "kind" "AgentKind" NOT NULL,
  "status" "AgentStatus" NOT NULL DEFAULT 'pending',
  "name" TEXT NOT NULL,
  "version" TEXT NOT NULL,
  "host" JSONB NOT NULL,
  "secretHash" TEXT NOT NULL,
  "edgeServerId" TEXT,
  "cameraId" TEXT,
  "desiredRevision" TEXT,
  "reportedRevision" TEXT,
  "reported" JSONB,
  "clockSkewMs" DOUBLE PRECISION,
  "lastSeenAt" TIMESTAMPTZ(3),
  "acceptedAt" TIMESTAMPTZ(3),
  "revokedAt" TIMESTAMPTZ(3),
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

  CONSTRAINT "Agent_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "EnrolmentToken" (
  "id" TEXT NOT NULL,
  "tokenHash" TEXT NOT NULL,
  "kind" "AgentKind" NOT NULL,
  "siteId" TEXT NOT NULL,
  "edgeServerId" TEXT,
  "cameraId" TEXT,
  "note" TEXT NOT NULL DEFAULT '',
  "autoAccept" BOOLEAN NOT NULL DEFAULT false,
  "createdByName" TEXT NOT NULL,
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "expiresAt" TIMESTAMPTZ(3) NOT NULL,
  "usedAt" TIMESTAMPTZ(3),
  "usedByAgentId" TEXT,
  "revokedAt" TIMESTAMPTZ(3),

  CONSTRAINT "EnrolmentToken_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "AgentLog" (
  "id" TEXT NOT NULL,
  "agentId" TEXT NOT NULL,
  "time" TIMESTAMPTZ(3) NOT NULL,
  "level" "LogLevel" NOT NULL,
  "message" TEXT NOT NULL,

  CONSTRAINT "AgentLog_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "OutboxReceipt" (
  "agentId" TEXT NOT NULL,
  "itemId" TEXT NOT NULL,
  "receivedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

  CONSTRAINT "OutboxReceipt_pkey" PRIMARY KEY ("agentId", "itemId")
);

CREATE TABLE "Command" (
  "id" TEXT NOT NULL,
  "edgeServerId" TEXT NOT NULL,
  "command" JSONB NOT NULL,
  "createdByName" TEXT NOT NULL,
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "acknowledgedAt" TIMESTAMPTZ(3),

  CONSTRAINT "Command_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "Gallery" (
  "id" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "description" TEXT NOT NULL DEFAULT '',
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

  CONSTRAINT "Gallery_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "Identity" (
  "id" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "purpose" TEXT NOT NULL,
  "basis" TEXT NOT NULL,
  "recordedByName" TEXT NOT NULL,
  "recordedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "consentExpiresAt" TIMESTAMPTZ(3),
  "note" TEXT NOT NULL DEFAULT '',
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt" TIMESTAMPTZ(3) NOT NULL,

  CONSTRAINT "Identity_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "GalleryIdentity" (
  "galleryId" TEXT NOT NULL,
  "identityId" TEXT NOT NULL,

  CONSTRAINT "GalleryIdentity_pkey" PRIMARY KEY ("galleryId", "identityId")
);

CREATE TABLE "EnrolmentImage" (
  "id" TEXT NOT NULL,
  "identityId" TEXT NOT NULL,
  "status" "ImageStatus" NOT NULL DEFAULT 'pending',
  "source" "ImageSource" NOT NULL,
  "fileName" TEXT NOT NULL,
  "reason" TEXT,
  "quality" DOUBLE PRECISION,
  "duplicateOfIdentityId" TEXT,
  "pictureSha256" TEXT,
  "cropSha256" TEXT,
  "templateSealed" BYTEA,
  "templateModelId" TEXT,
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "checkedAt" TIMESTAMPTZ(3),

  CONSTRAINT "EnrolmentImage_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "ErasureReceipt" (
  "id" TEXT NOT NULL,
  "identityId" TEXT NOT NULL,
  "requestedByName" TEXT NOT NULL,
  "reason" TEXT NOT NULL,
  "erasedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "pictures" INTEGER NOT NULL,
  "crops" INTEGER NOT NULL,
  "templates" INTEGER NOT NULL,
  "events" INTEGER NOT NULL,
  "triplets" INTEGER NOT NULL,
  "edgesNotified" TEXT[],
  "versionIds" TEXT[],

  CONSTRAINT "ErasureReceipt_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "Artifact" (
  "sha256" TEXT NOT NULL,
  "bytes" INTEGER NOT NULL,
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

  CONSTRAINT "Artifact_pkey" PRIMARY KEY ("sha256")
);

CREATE TABLE "BaseModel" (
  "id" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "recogniser" JSONB NOT NULL,
  "recogniserSha256" TEXT NOT NULL,
  "detectorSha256" TEXT NOT NULL,
  "landmarksSha256" TEXT NOT NULL,
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

  CONSTRAINT "BaseModel_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "Scenario" (
  "id" TEXT NOT NULL,
  "siteId" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "baseModelId" TEXT NOT NULL,
  "decision" JSONB NOT NULL,
  "learning" JSONB NOT NULL,
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt" TIMESTAMPTZ(3) NOT NULL,

  CONSTRAINT "Scenario_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "ScenarioGallery" (
  "scenarioId" TEXT NOT NULL,
  "galleryId" TEXT NOT NULL,

  CONSTRAINT "ScenarioGallery_pkey" PRIMARY KEY ("scenarioId", "galleryId")
);

CREATE TABLE "ModelVersion" (
  "id" TEXT NOT NULL,
  "scenarioId" TEXT NOT NULL,
  "baseModelId" TEXT NOT NULL,
  "parentId" TEXT,
  "number" INTEGER NOT NULL,
  "cut" TEXT,
  "learnerSha256" TEXT,
  "threshold" DOUBLE PRECISION,
  "verdict" JSONB,
  "provenance" JSONB,
  "runId" TEXT,
  "createdAt" TIMESTAMPTZ(3) NOT NULL,
  "receivedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

  CONSTRAINT "ModelVersion_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "VersionIdentity" (
  "versionId" TEXT NOT NULL,
  "identityId" TEXT NOT NULL,

  CONSTRAINT "VersionIdentity_pkey" PRIMARY KEY ("versionId", "identityId")
);

CREATE TABLE "Alias" (
  "scenarioId" TEXT NOT NULL,
  "name" "AliasName" NOT NULL,
  "versionId" TEXT NOT NULL,
  "updatedAt" TIMESTAMPTZ(3) NOT NULL,

  CONSTRAINT "Alias_pkey" PRIMARY KEY ("scenarioId", "name")
);

CREATE TABLE "Deployment" (
  "id" TEXT NOT NULL,
  "scenarioId" TEXT NOT NULL,
  "kind" "DeploymentKind" NOT NULL,
  "fromVersionId" TEXT,
  "toVersionId" TEXT NOT NULL,
  "actorName" TEXT NOT NULL,
  "reason" TEXT NOT NULL,
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

  CONSTRAINT "Deployment_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "Evaluation" (
  "id" TEXT NOT NULL,
  "versionId" TEXT NOT NULL,
  "dataset" TEXT NOT NULL,
  "source" TEXT NOT NULL,
  "accuracy" DOUBLE PRECISION NOT NULL,
  "low" DOUBLE PRECISION,
  "high" DOUBLE PRECISION,
  "tarAtFar1e2" DOUBLE PRECISION NOT NULL,
  "eer" DOUBLE PRECISION,
  "genuine" INTEGER NOT NULL,
  "impostor" INTEGER NOT NULL,
  "createdBy" TEXT NOT NULL,
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

  CONSTRAINT "Evaluation_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "TrainingRun" (
  "id" TEXT NOT NULL,
  "scenarioId" TEXT NOT NULL,
  "edgeServerId" TEXT NOT NULL,
  "status" "RunStatus" NOT NULL,
  "reason" TEXT,
  "parentVersionId" TEXT NOT NULL,
  "candidateVersionId" TEXT,
  "tracks" INTEGER NOT NULL,
  "triplets" INTEGER NOT NULL,
  "steps" INTEGER NOT NULL,
  "queuedAt" TIMESTAMPTZ(3) NOT NULL,
  "startedAt" TIMESTAMPTZ(3),
  "endedAt" TIMESTAMPTZ(3),
  "verdict" JSONB,
  "error" TEXT,
  "updatedAt" TIMESTAMPTZ(3) NOT NULL,

  CONSTRAINT "TrainingRun_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "LossPoint" (
  "runId" TEXT NOT NULL,
  "step" INTEGER NOT NULL,
  "time" TIMESTAMPTZ(3) NOT NULL,
  "loss" DOUBLE PRECISION NOT NULL,
  "activeShare" DOUBLE PRECISION NOT NULL,
  "batch" DOUBLE PRECISION NOT NULL,
  "score" DOUBLE PRECISION,

  CONSTRAINT "LossPoint_pkey" PRIMARY KEY ("runId", "step")
);

CREATE TABLE "TripletExample" (
  "id" TEXT NOT NULL,
  "runId" TEXT NOT NULL,
  "position" INTEGER NOT NULL,
  "anchorSha256" TEXT NOT NULL,
  "positiveSha256" TEXT NOT NULL,
  "negativeSha256" TEXT NOT NULL,
  "positiveDistance" DOUBLE PRECISION NOT NULL,
  "negativeDistance" DOUBLE PRECISION NOT NULL,
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

  CONSTRAINT "TripletExample_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "Event" (
  "id" TEXT NOT NULL,
  "sequence" INTEGER NOT NULL,
  "siteId" TEXT NOT NULL,
  "cameraId" TEXT NOT NULL,
  "scenarioId" TEXT NOT NULL,
  "trackId" INTEGER NOT NULL,
  "sessionId" TEXT NOT NULL,
  "decision" "Decision" NOT NULL,
  "identityId" TEXT,
  "distance" DOUBLE PRECISION,
  "runnerUpIdentityId" TEXT,
  "runnerUpDistance" DOUBLE PRECISION,
  "threshold" DOUBLE PRECISION NOT NULL,
  "versionId" TEXT NOT NULL,
  "firstSeen" TIMESTAMPTZ(3) NOT NULL,
  "lastSeen" TIMESTAMPTZ(3) NOT NULL,
  "probes" INTEGER NOT NULL,
  "quality" DOUBLE PRECISION NOT NULL,
  "box" JSONB NOT NULL,
  "cropSha256" TEXT,
  "ended" BOOLEAN NOT NULL,
  "review" "Review" NOT NULL DEFAULT 'none',
  "reviewedIdentityId" TEXT,
  "reviewedByName" TEXT,
  "reviewedAt" TIMESTAMPTZ(3),
  "receivedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

  CONSTRAINT "Event_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "MetricSample" (
  "scope" "MetricScope" NOT NULL,
  "scopeId" TEXT NOT NULL,
  "time" TIMESTAMPTZ(3) NOT NULL,
  "values" JSONB NOT NULL,

  CONSTRAINT "MetricSample_pkey" PRIMARY KEY ("scope", "scopeId", "time")
);

CREATE TABLE "AuditEntry" (
  "sequence" INTEGER NOT NULL,
  "at" TIMESTAMPTZ(3) NOT NULL,
  "actorId" TEXT,
  "actorName" TEXT NOT NULL,
  "action" TEXT NOT NULL,
  "subjectKind" TEXT NOT NULL,
  "subjectId" TEXT NOT NULL,
  "data" JSONB NOT NULL,
  "previousHash" TEXT NOT NULL,
  "hash" TEXT NOT NULL,

  CONSTRAINT "AuditEntry_pkey" PRIMARY KEY ("sequence")
);

CREATE TABLE "Setting" (
  "key" TEXT NOT NULL,
  "value" JSONB NOT NULL,
  "updatedAt" TIMESTAMPTZ(3) NOT NULL,

  CONSTRAINT "Setting_pkey" PRIMARY KEY ("key")
);

CREATE UNIQUE INDEX "User_email_key" ON "User"("email");
CREATE UNIQUE INDEX "Session_token_key" ON "Session"("token");
CREATE INDEX "Session_userId_idx" ON "Session"("userId");
CREATE INDEX "Account_userId_idx" ON "Account"("userId");
CREATE INDEX "Verification_identifier_idx" ON "Verification"("identifier");
CREATE UNIQUE INDEX "Site_name_key" ON "Site"("name");
CREATE UNIQUE INDEX "EdgeServer_siteId_name_key" ON "EdgeServer"("siteId", "name");
CREATE INDEX "Camera_siteId_idx" ON "Camera"("siteId");
CREATE INDEX "Camera_scenarioId_idx" ON "Camera"("scenarioId");
CREATE INDEX "Camera_edgeServerId_idx" ON "Camera"("edgeServerId");
CREATE INDEX "Agent_edgeServerId_status_idx" ON "Agent"("edgeServerId", "status");
CREATE INDEX "Agent_cameraId_status_idx" ON "Agent"("cameraId", "status");
CREATE UNIQUE INDEX "EnrolmentToken_tokenHash_key" ON "EnrolmentToken"("tokenHash");
CREATE UNIQUE INDEX "EnrolmentToken_usedByAgentId_key" ON "EnrolmentToken"("usedByAgentId");
CREATE INDEX "AgentLog_agentId_time_idx" ON "AgentLog"("agentId", "time");
CREATE INDEX "OutboxReceipt_receivedAt_idx" ON "OutboxReceipt"("receivedAt");
CREATE INDEX "Command_edgeServerId_acknowledgedAt_idx" ON "Command"("edgeServerId", "acknowledgedAt");
CREATE UNIQUE INDEX "Gallery_name_key" ON "Gallery"("name");
CREATE INDEX "Identity_name_idx" ON "Identity"("name");
CREATE INDEX "GalleryIdentity_identityId_idx" ON "GalleryIdentity"("identityId");
CREATE INDEX "EnrolmentImage_identityId_idx" ON "EnrolmentImage"("identityId");
CREATE INDEX "EnrolmentImage_pictureSha256_idx" ON "EnrolmentImage"("pictureSha256");
CREATE INDEX "EnrolmentImage_cropSha256_idx" ON "EnrolmentImage"("cropSha256");
CREATE UNIQUE INDEX "BaseModel_name_key" ON "BaseModel"("name");
CREATE UNIQUE INDEX "Scenario_siteId_name_key" ON "Scenario"("siteId", "name");
CREATE INDEX "ScenarioGallery_galleryId_idx" ON "ScenarioGallery"("galleryId");
CREATE UNIQUE INDEX "ModelVersion_scenarioId_number_key" ON "ModelVersion"("scenarioId", "number");
CREATE INDEX "ModelVersion_learnerSha256_idx" ON "ModelVersion"("learnerSha256");
CREATE INDEX "VersionIdentity_identityId_idx" ON "VersionIdentity"("identityId");
CREATE INDEX "Alias_versionId_idx" ON "Alias"("versionId");
CREATE INDEX "Deployment_scenarioId_createdAt_idx" ON "Deployment"("scenarioId", "createdAt");
CREATE INDEX "Evaluation_versionId_createdAt_idx" ON "Evaluation"("versionId", "createdAt");
CREATE INDEX "TrainingRun_scenarioId_queuedAt_idx" ON "TrainingRun"("scenarioId", "queuedAt");
CREATE INDEX "TrainingRun_queuedAt_idx" ON "TrainingRun"("queuedAt");
CREATE UNIQUE INDEX "TripletExample_runId_position_key" ON "TripletExample"("runId", "position");
CREATE INDEX "TripletExample_anchorSha256_idx" ON "TripletExample"("anchorSha256");
CREATE INDEX "TripletExample_positiveSha256_idx" ON "TripletExample"("positiveSha256");
CREATE INDEX "TripletExample_negativeSha256_idx" ON "TripletExample"("negativeSha256");
CREATE INDEX "Event_firstSeen_id_idx" ON "Event"("firstSeen" DESC, "id" DESC);
CREATE INDEX "Event_siteId_firstSeen_idx" ON "Event"("siteId", "firstSeen");
CREATE INDEX "Event_cameraId_firstSeen_idx" ON "Event"("cameraId", "firstSeen");
CREATE INDEX "Event_scenarioId_firstSeen_idx" ON "Event"("scenarioId", "firstSeen");
CREATE INDEX "Event_identityId_firstSeen_idx" ON "Event"("identityId", "firstSeen");
CREATE INDEX "Event_cropSha256_idx" ON "Event"("cropSha256");
CREATE INDEX "MetricSample_time_idx" ON "MetricSample"("time");
CREATE UNIQUE INDEX "AuditEntry_hash_key" ON "AuditEntry"("hash");
CREATE INDEX "AuditEntry_at_idx" ON "AuditEntry"("at");
CREATE INDEX "AuditEntry_subjectKind_subjectId_idx" ON "AuditEntry"("subjectKind", "subjectId");

ALTER TABLE "Session" ADD CONSTRAINT "Session_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "Account" ADD CONSTRAINT "Account_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "EdgeServer" ADD CONSTRAINT "EdgeServer_siteId_fkey" FOREIGN KEY ("siteId") REFERENCES "Site"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "Camera" ADD CONSTRAINT "Camera_siteId_fkey" FOREIGN KEY ("siteId") REFERENCES "Site"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "Camera" ADD CONSTRAINT "Camera_scenarioId_fkey" FOREIGN KEY ("scenarioId") REFERENCES "Scenario"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "Camera" ADD CONSTRAINT "Camera_edgeServerId_fkey" FOREIGN KEY ("edgeServerId") REFERENCES "EdgeServer"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "Agent" ADD CONSTRAINT "Agent_edgeServerId_fkey" FOREIGN KEY ("edgeServerId") REFERENCES "EdgeServer"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "Agent" ADD CONSTRAINT "Agent_cameraId_fkey" FOREIGN KEY ("cameraId") REFERENCES "Camera"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "EnrolmentToken" ADD CONSTRAINT "EnrolmentToken_siteId_fkey" FOREIGN KEY ("siteId") REFERENCES "Site"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "EnrolmentToken" ADD CONSTRAINT "EnrolmentToken_edgeServerId_fkey" FOREIGN KEY ("edgeServerId") REFERENCES "EdgeServer"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "EnrolmentToken" ADD CONSTRAINT "EnrolmentToken_cameraId_fkey" FOREIGN KEY ("cameraId") REFERENCES "Camera"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "EnrolmentToken" ADD CONSTRAINT "EnrolmentToken_usedByAgentId_fkey" FOREIGN KEY ("usedByAgentId") REFERENCES "Agent"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "AgentLog" ADD CONSTRAINT "AgentLog_agentId_fkey" FOREIGN KEY ("agentId") REFERENCES "Agent"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "OutboxReceipt" ADD CONSTRAINT "OutboxReceipt_agentId_fkey" FOREIGN KEY ("agentId") REFERENCES "Agent"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "Command" ADD CONSTRAINT "Command_edgeServerId_fkey" FOREIGN KEY ("edgeServerId") REFERENCES "EdgeServer"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "GalleryIdentity" ADD CONSTRAINT "GalleryIdentity_galleryId_fkey" FOREIGN KEY ("galleryId") REFERENCES "Gallery"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "GalleryIdentity" ADD CONSTRAINT "GalleryIdentity_identityId_fkey" FOREIGN KEY ("identityId") REFERENCES "Identity"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "EnrolmentImage" ADD CONSTRAINT "EnrolmentImage_identityId_fkey" FOREIGN KEY ("identityId") REFERENCES "Identity"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "EnrolmentImage" ADD CONSTRAINT "EnrolmentImage_pictureSha256_fkey" FOREIGN KEY ("pictureSha256") REFERENCES "Artifact"("sha256") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "EnrolmentImage" ADD CONSTRAINT "EnrolmentImage_cropSha256_fkey" FOREIGN KEY ("cropSha256") REFERENCES "Artifact"("sha256") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "BaseModel" ADD CONSTRAINT "BaseModel_recogniserSha256_fkey" FOREIGN KEY ("recogniserSha256") REFERENCES "Artifact"("sha256") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "BaseModel" ADD CONSTRAINT "BaseModel_detectorSha256_fkey" FOREIGN KEY ("detectorSha256") REFERENCES "Artifact"("sha256") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "BaseModel" ADD CONSTRAINT "BaseModel_landmarksSha256_fkey" FOREIGN KEY ("landmarksSha256") REFERENCES "Artifact"("sha256") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "Scenario" ADD CONSTRAINT "Scenario_siteId_fkey" FOREIGN KEY ("siteId") REFERENCES "Site"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "Scenario" ADD CONSTRAINT "Scenario_baseModelId_fkey" FOREIGN KEY ("baseModelId") REFERENCES "BaseModel"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "ScenarioGallery" ADD CONSTRAINT "ScenarioGallery_scenarioId_fkey" FOREIGN KEY ("scenarioId") REFERENCES "Scenario"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "ScenarioGallery" ADD CONSTRAINT "ScenarioGallery_galleryId_fkey" FOREIGN KEY ("galleryId") REFERENCES "Gallery"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "ModelVersion" ADD CONSTRAINT "ModelVersion_scenarioId_fkey" FOREIGN KEY ("scenarioId") REFERENCES "Scenario"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "ModelVersion" ADD CONSTRAINT "ModelVersion_baseModelId_fkey" FOREIGN KEY ("baseModelId") REFERENCES "BaseModel"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "ModelVersion" ADD CONSTRAINT "ModelVersion_learnerSha256_fkey" FOREIGN KEY ("learnerSha256") REFERENCES "Artifact"("sha256") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "ModelVersion" ADD CONSTRAINT "ModelVersion_parentId_fkey" FOREIGN KEY ("parentId") REFERENCES "ModelVersion"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "VersionIdentity" ADD CONSTRAINT "VersionIdentity_versionId_fkey" FOREIGN KEY ("versionId") REFERENCES "ModelVersion"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "Alias" ADD CONSTRAINT "Alias_scenarioId_fkey" FOREIGN KEY ("scenarioId") REFERENCES "Scenario"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "Alias" ADD CONSTRAINT "Alias_versionId_fkey" FOREIGN KEY ("versionId") REFERENCES "ModelVersion"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "Deployment" ADD CONSTRAINT "Deployment_scenarioId_fkey" FOREIGN KEY ("scenarioId") REFERENCES "Scenario"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "Evaluation" ADD CONSTRAINT "Evaluation_versionId_fkey" FOREIGN KEY ("versionId") REFERENCES "ModelVersion"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "TrainingRun" ADD CONSTRAINT "TrainingRun_scenarioId_fkey" FOREIGN KEY ("scenarioId") REFERENCES "Scenario"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "TrainingRun" ADD CONSTRAINT "TrainingRun_edgeServerId_fkey" FOREIGN KEY ("edgeServerId") REFERENCES "EdgeServer"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "LossPoint" ADD CONSTRAINT "LossPoint_runId_fkey" FOREIGN KEY ("runId") REFERENCES "TrainingRun"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "TripletExample" ADD CONSTRAINT "TripletExample_runId_fkey" FOREIGN KEY ("runId") REFERENCES "TrainingRun"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "TripletExample" ADD CONSTRAINT "TripletExample_anchorSha256_fkey" FOREIGN KEY ("anchorSha256") REFERENCES "Artifact"("sha256") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "TripletExample" ADD CONSTRAINT "TripletExample_positiveSha256_fkey" FOREIGN KEY ("positiveSha256") REFERENCES "Artifact"("sha256") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "TripletExample" ADD CONSTRAINT "TripletExample_negativeSha256_fkey" FOREIGN KEY ("negativeSha256") REFERENCES "Artifact"("sha256") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "Event" ADD CONSTRAINT "Event_cameraId_fkey" FOREIGN KEY ("cameraId") REFERENCES "Camera"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "Event" ADD CONSTRAINT "Event_scenarioId_fkey" FOREIGN KEY ("scenarioId") REFERENCES "Scenario"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "Event" ADD CONSTRAINT "Event_versionId_fkey" FOREIGN KEY ("versionId") REFERENCES "ModelVersion"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "Event" ADD CONSTRAINT "Event_identityId_fkey" FOREIGN KEY ("identityId") REFERENCES "Identity"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "Event" ADD CONSTRAINT "Event_runnerUpIdentityId_fkey" FOREIGN KEY ("runnerUpIdentityId") REFERENCES "Identity"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "Event" ADD CONSTRAINT "Event_reviewedIdentityId_fkey" FOREIGN KEY ("reviewedIdentityId") REFERENCES "Identity"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "Event" ADD CONSTRAINT "Event_cropSha256_fkey" FOREIGN KEY ("cropSha256") REFERENCES "Artifact"("sha256") ON DELETE RESTRICT ON UPDATE CASCADE;

-- The audit log only ever grows.
CREATE FUNCTION "refuse_audit_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit log is append-only';
END $$;
CREATE TRIGGER "AuditEntry_append_only" BEFORE UPDATE OR DELETE ON "AuditEntry"
  FOR EACH ROW EXECUTE FUNCTION "refuse_audit_change"();
CREATE TRIGGER "AuditEntry_no_truncate" BEFORE TRUNCATE ON "AuditEntry"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_audit_change"();

-- One living agent per edge and per camera: a second one must wait until the first is revoked.
CREATE UNIQUE INDEX "Agent_one_per_edge" ON "Agent"("edgeServerId") WHERE "status" = 'accepted' AND "edgeServerId" IS NOT NULL;
CREATE UNIQUE INDEX "Agent_one_per_camera" ON "Agent"("cameraId") WHERE "status" = 'accepted' AND "cameraId" IS NOT NULL;

-- Names of cameras are free again once the camera is deleted.
CREATE UNIQUE INDEX "Camera_siteId_name_living" ON "Camera"("siteId", "name") WHERE "deletedAt" IS NULL;
