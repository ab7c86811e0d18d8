package import Items

/// Where in an item's document something is: an attribute's name, then members' names and list indexes.
package struct DocumentPath: Sendable {
    /// A step into a document.
    package enum Step: Sendable {
        case name(String)
        case index(Int)
    }

    /// The top-level attribute's name.
    package let attribute: String

    /// The steps from its value on; none for the attribute itself.
    package let steps: [Step]

    /// A path that no text names.
    package init(attribute: String, steps: [Step] = []) {
        self.attribute = attribute
        self.steps = steps
    }

    /// The value there; nil where there is none, or a value on the way is not what the step goes into.
    package func value(in item: ItemView) -> ValueView? {
        guard var value = item[attribute] else { return nil }
        for step in steps {
            let next =
                switch step {
                case .name(let name): value.map?[name]
                case .index(let index): value.list?[index]
                }
            guard let next else { return nil }
            value = next
        }
        return value
    }

    /// As AWS's messages write it.
    package var description: String {
        var parts = [attribute]
        for step in steps {
            switch step {
            case .name(let name): parts.append(name)
            case .index(let index): parts.append("[\(index)]")
            }
        }
        return "[" + parts.joined(separator: ", ") + "]"
    }
}

/// Names are the same when their bytes are: to Swift, strings are when they look the same.
extension DocumentPath: Equatable {
    package static func == (a: DocumentPath, b: DocumentPath) -> Bool {
        a.isOf(b.attribute) && a.steps == b.steps
    }

    /// Whether the path begins with that attribute.
    package func isOf(_ name: String) -> Bool { attribute.utf8.elementsEqual(name.utf8) }
}

extension DocumentPath.Step: Equatable {
    package static func == (a: DocumentPath.Step, b: DocumentPath.Step) -> Bool {
        switch (a, b) {
        case (.name(let a), .name(let b)): a.utf8.elementsEqual(b.utf8)
        case (.index(let a), .index(let b)): a == b
        default: false
        }
    }
}

extension DocumentPath {
    /// How two paths of one expression get in each other's way.
    enum Collision {
        /// One is part of the other, or they are the same.
        case overlap
        /// One takes a value for a map, the other for a list.
        case conflict
    }

    /// How the two get in each other's way; nil when they do not.
    func collision(with other: DocumentPath) -> Collision? {
        guard isOf(other.attribute) else { return nil }
        for (a, b) in zip(steps, other.steps) {
            switch (a, b) {
            case (.name, .index), (.index, .name): return .conflict
            default: if a != b { return nil }
            }
        }
        return .overlap
    }

    /// AWS's message for the first two paths that collide; overlaps come before conflicts.
    package static func collisionMessage(_ paths: [DocumentPath]) -> String? {
        var conflict: String?
        var earlierPaths: [[UInt8]: [DocumentPath]] = [:]
        for path in paths {
            let name = Array(path.attribute.utf8)
            for earlier in earlierPaths[name] ?? [] {
                guard let collision = earlier.collision(with: path) else { continue }
                let word = collision == .overlap ? "overlap" : "conflict"
                let message =
                    "Two document paths \(word) with each other; must remove or rewrite one of these paths; "
                    + "path one: \(earlier.description), path two: \(path.description)"
                if collision == .overlap { return message }
                conflict = conflict ?? message
            }
            earlierPaths[name, default: []].append(path)
        }
        return conflict
    }
}
