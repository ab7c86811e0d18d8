import Encryption
import Synchronization

/// Derived version 4 keys by credential scope. Deriving one takes four HMACs; a client uses the same for a day.
///
/// What is kept is a function of the secret key, the date, the region and the service, and not the outcome of any
/// verification: every request's signature is computed anew. Two generations bound it: when the young one is full it
/// becomes the old one, whose keys move back when used.
final class SigningKeyCache: Sendable {
    /// A whole credential.
    private struct Credential: Hashable {
        let text: ArraySlice<UInt8>

        /// All bytes at once: a slice by itself is hashed byte by byte.
        func hash(into hasher: inout Hasher) { text.withUnsafeBytes { hasher.combine(bytes: $0) } }
    }

    private struct Generations {
        var young: [Credential: HMACSHA256Key] = [:]
        var old: [Credential: HMACSHA256Key] = [:]
    }

    private let generations = Mutex(Generations())
    private let keysPerGeneration: Int

    init(keysPerGeneration: Int) {
        precondition(keysPerGeneration > 0, "a cache holds something")
        self.keysPerGeneration = keysPerGeneration
    }

    /// The key for this whole credential, if it was kept.
    func key(for credential: ArraySlice<UInt8>) -> HMACSHA256Key? {
        let credential = Credential(text: credential)
        return generations.withLock { generations in
            if let key = generations.young[credential] { return key }
            guard let key = generations.old[credential] else { return nil }
            insert(key, for: credential, into: &generations)
            return key
        }
    }

    /// Keeps a key. Only keys with which a signature was verified belong here, so that strangers cannot push them out.
    func keep(_ key: HMACSHA256Key, for credential: ArraySlice<UInt8>) {
        // A copy, since the slice would keep the whole header alive.
        let copy = Credential(text: Array(credential)[...])
        generations.withLock { insert(key, for: copy, into: &$0) }
    }

    /// How many keys are kept in all.
    var count: Int { generations.withLock { $0.young.count + $0.old.count } }

    private func insert(_ key: HMACSHA256Key, for credential: Credential, into generations: inout Generations) {
        if generations.young.count >= keysPerGeneration {
            generations.old = generations.young
            generations.young = [:]
        }
        generations.young[credential] = key
    }

    /// HMAC over date, region, service and terminal in turn, begun with `AWS4` and the secret key.
    static func derive(secretKey: String, _ scope: CredentialScope) -> HMACSHA256Key {
        let secret = HMACSHA256Key(Array("AWS4".utf8) + Array(secretKey.utf8))
        let date = HMACSHA256Key(secret.authenticationCode(of: Array(scope.date)))
        let region = HMACSHA256Key(date.authenticationCode(of: Array(scope.region.utf8)))
        let service = HMACSHA256Key(region.authenticationCode(of: Array(scope.service.utf8)))
        return HMACSHA256Key(service.authenticationCode(of: Array(scope.terminal)))
    }
}
