/// The targets of the package with what they depend on, read from the manifest's text (asking the package manager takes
/// seconds and its lock).
struct Manifest {
    struct Target: Equatable {
        /// `target`, `executableTarget`, `testTarget` or `systemLibrary`.
        var kind: String
        var name: String
        /// Dependencies within the package.
        var targets: Set<String>
        /// Products of other packages.
        var products: Set<String>
    }

    var targets: [Target] = []

    init(_ text: String) {
        // Comments would be read as declarations.
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let code = lines.filter { !$0.drop { $0 == " " }.hasPrefix("//") }.joined(separator: "\n")
        for kind in ["target", "executableTarget", "testTarget", "systemLibrary"] {
            for body in Self.bodies(of: "." + kind + "(", in: code) {
                guard let name = Self.literals(in: body).first else { continue }
                var dependencies = Self.bodies(of: "dependencies: [", in: body, closing: "]").first ?? ""
                var products: Set<String> = []
                for product in Self.bodies(of: ".product(", in: dependencies) {
                    products.formUnion(Self.literals(in: product).prefix(1))
                    dependencies = dependencies.replacing(product, with: "")
                }
                targets.append(
                    Target(kind: kind, name: name, targets: Set(Self.literals(in: dependencies)), products: products))
            }
        }
    }

    /// What stands between each `opening` and the bracket that closes it.
    private static func bodies(of opening: String, in text: String, closing: Character = ")") -> [String] {
        guard let bracket = opening.last else { return [] }
        return text.ranges(of: opening).compactMap { range in
            var depth = 1
            let rest = text[range.upperBound...]
            let end = rest.indices.first { index in
                if rest[index] == bracket { depth += 1 }
                if rest[index] == closing { depth -= 1 }
                return depth == 0
            }
            return end.map { String(rest[..<$0]) }
        }
    }

    /// The contents of the string literals of a text without escapes.
    private static func literals(in text: String) -> [String] {
        text.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
            .filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element) }
    }
}
