/// Who may call: one access key and the account it acts for.
package struct Identity: Sendable, Hashable {
    /// A human's name for it, shown in logs and in the owner's display name.
    package var name: String
    /// The twelve digits of the account.
    package var accountID: String
    package var accessKey: String
    package var secretKey: String

    package init(name: String, accountID: String, accessKey: String, secretKey: String) {
        self.name = name
        self.accountID = accountID
        self.accessKey = accessKey
        self.secretKey = secretKey
    }

    /// What users of the neighbouring emulators have in their shells: `test` / `test` in account 000000000000.
    package static let standard = Identity(
        name: "test", accountID: "000000000000", accessKey: "test", secretKey: "test")
}

/// The identities of the lab by access key. Immutable once built; lookups are a dictionary read.
package struct IdentityTable: Sendable {
    private let byAccessKey: [String: Identity]
    package let all: [Identity]

    /// - Throws: `IdentityError.duplicateAccessKey`.
    package init(_ identities: [Identity]) throws(IdentityError) {
        var table: [String: Identity] = [:]
        for identity in identities where table.updateValue(identity, forKey: identity.accessKey) != nil {
            throw .duplicateAccessKey(identity.accessKey)
        }
        byAccessKey = table
        all = identities
    }

    package func identity(forAccessKey key: String) -> Identity? { byAccessKey[key] }
}

package enum IdentityError: Error, Equatable, Sendable {
    case duplicateAccessKey(String)
}
