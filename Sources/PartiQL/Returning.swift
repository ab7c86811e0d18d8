/// What a write answers with.
package enum Returning: String, CaseIterable, Sendable {
    case allOld = "ALL OLD"
    case allNew = "ALL NEW"
    case modifiedOld = "MODIFIED OLD"
    case modifiedNew = "MODIFIED NEW"

    /// Whether it is the item before the write.
    package var isOld: Bool { self == .allOld || self == .modifiedOld }

    /// Whether it is only what the write touched.
    package var isModified: Bool { self == .modifiedOld || self == .modifiedNew }
}
