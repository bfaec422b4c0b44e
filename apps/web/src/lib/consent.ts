/** Days after the end of a consent in which it can be renewed; then everything of the person is erased. */
export const CONSENT_GRACE_DAYS = 30;
