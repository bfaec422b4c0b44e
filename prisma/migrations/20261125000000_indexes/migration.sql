-- For what is asked every few seconds (matched faces per camera, events per version) and what retention looks for every hour.
CREATE INDEX "AgentLog_time_idx" ON "AgentLog"("time");
CREATE INDEX "TripletExample_createdAt_idx" ON "TripletExample"("createdAt");
CREATE INDEX "Event_cameraId_lastSeen_idx" ON "Event"("cameraId", "lastSeen");
CREATE INDEX "Event_versionId_idx" ON "Event"("versionId");
CREATE INDEX "Event_receivedAt_cropSha256_idx" ON "Event"("receivedAt", "cropSha256");
