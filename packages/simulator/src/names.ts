/** Names of nobody in particular: first names and surnames of many places, combined by seed. */
// biome-ignore-all format: one line a dozen names reads better than one name a line

export const feminineNames = [
  'Mira', 'Ana', 'Yuki', 'Leila', 'Ingrid', 'Noor', 'Clara', 'Zanele', 'Priya', 'Elif',
  'Sofia', 'Hana', 'Amara', 'Freya', 'Lucia', 'Mei', 'Tamar', 'Olga', 'Ines', 'Kalea',
] as const;

export const masculineNames = [
  'Tomas', 'Kwame', 'Ravi', 'Henrik', 'Omar', 'Luca', 'Diego', 'Jun', 'Pavel', 'Samuel',
  'Idris', 'Marek', 'Anton', 'Nikos', 'Felix', 'Bao', 'Emre', 'Jonas', 'Rafael', 'Tane',
] as const;

export const surnames = [
  'Okafor', 'Lindqvist', 'Moreau', 'Tanaka', 'Haddad', 'Novak', 'Mensah', 'Silva', 'Petrov', 'Iyer',
  'Castillo', 'Berg', 'Demir', 'Kim', 'Rossi', 'Dlamini', 'Fischer', 'Nguyen', 'Kowalski', 'Farah',
  'Aalto', 'Costa', 'Levi', 'Murphy', 'Sato', 'Vargas', 'Popescu', 'Ahmadi', 'Jensen', 'Oyelaran',
  'Ferrari', 'Quispe', 'Weber', 'Achebe', 'Horvat', 'Marino', 'Singh', 'Laine', 'Duarte', 'Yilmaz',
] as const;
