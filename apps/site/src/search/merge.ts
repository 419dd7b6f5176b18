/** An index as MiniSearch writes it. Documents have short numbers, by which terms refer to them. */
export interface Index {
  documentCount: number;
  nextId: number;
  documentIds: Record<string, string>;
  fieldIds: Record<string, number>;
  fieldLength: Record<string, number[]>;
  averageFieldLength: number[];
  storedFields: Record<string, object>;
  index: [term: string, data: Record<string, Record<string, number>>][];
}

/** Adds those documents of another index that are wanted. */
export function addTo(target: Index, other: Index, isWanted: (id: string) => boolean): Index {
  const chosen = Object.entries(other.documentIds).filter(([, id]) => isWanted(id));
  const numbers = new Map(chosen.map(([number], i) => [number, String(target.nextId + i)]));
  const moved = <T>(of: Record<string, T>): Record<string, T> =>
    Object.fromEntries(
      Object.entries(of)
        .filter(([number]) => numbers.has(number))
        .map(([number, value]) => [numbers.get(number)!, value]),
    );
  const terms = new Map(target.index);
  for (const [term, data] of other.index) {
    const own = { ...terms.get(term) };
    for (const [field, counts] of Object.entries(data)) {
      const added = moved(counts);
      if (Object.keys(added).length > 0) own[field] = { ...own[field], ...added };
    }
    if (Object.keys(own).length > 0) terms.set(term, own);
  }
  const fieldLength = { ...target.fieldLength, ...moved(other.fieldLength) };
  const lengths = Object.values(fieldLength);
  return {
    ...target,
    documentCount: target.documentCount + chosen.length,
    nextId: target.nextId + chosen.length,
    documentIds: { ...target.documentIds, ...moved(other.documentIds) },
    fieldLength,
    averageFieldLength: target.averageFieldLength.map(
      (_, field) => lengths.reduce((sum, length) => sum + (length[field] ?? 0), 0) / lengths.length,
    ),
    storedFields: { ...target.storedFields, ...moved(other.storedFields) },
    index: [...terms],
  };
}
