import LogStore

extension Table {
    /// The indexes that are being filled and have no entry yet of an item as it was: what a change takes from it was
    /// never counted in them. Costs nothing unless an index is being filled.
    ///
    /// - Parameter transaction: commits the change. It meets the piece of the fill that adds the entry meanwhile.
    func indexesWithout(_ old: [UInt8]?, _ transaction: Transaction) async throws(StoreError) -> Set<UInt16> {
        guard isFillingIndexes, let old else { return [] }
        var ordinals: Set<UInt16> = []
        for plan in indexPlans where plan.definition.status == .creating {
            guard let entry = plan.entry(of: old) else { continue }
            if try await transaction.get(.indexes, entry.key) == nil { ordinals.insert(plan.definition.ordinal) }
        }
        return ordinals
    }
}
