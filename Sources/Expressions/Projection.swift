package import Items

/// Parts of an item: what a ProjectionExpression asks for, or what an update touched.
package struct Projection {
    /// The parts, none within another.
    package let paths: [DocumentPath]

    private let tree: PathTree<Void>

    /// - Parameter paths: none may be within another; of two that take a value for a map and a list one finds nothing.
    package init(paths: [DocumentPath]) {
        self.paths = paths
        var tree = PathTree<Void>()
        for path in paths { tree.insert((), at: path) }
        self.tree = tree
    }

    /// The attributes' names in the order of their bytes, when they are all that is asked for: then an item's parts can
    /// be written as they lie, without building an item of them.
    package var attributes: [[UInt8]]? {
        guard paths.allSatisfy({ $0.steps.isEmpty }) else { return nil }
        return paths.map { Array($0.attribute.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// Parses a ProjectionExpression.
    ///
    /// - Throws: with AWS's message.
    package static func parse(
        _ text: String, _ placeholders: inout Placeholders
    ) throws(ExpressionError) -> Projection {
        var parser = try ExpressionParser(.projection, text, placeholders)
        var paths = [try parser.parsePath()]
        while parser.skip(",") { paths.append(try parser.parsePath()) }
        try parser.expectEnd()
        if let message = DocumentPath.collisionMessage(paths) { parser.note(.collision, message) }
        try parser.throwFindings()
        placeholders = parser.placeholders
        return Projection(paths: paths)
    }

    /// Writes the parts that an item has, in their places: of a map only the members asked for, of a list only the
    /// elements, closed up. A container without any part is left out. Returns the range of the new item's bytes.
    ///
    /// - Parameter builder: not the one that the item lies in.
    package func apply(to item: ItemView, into builder: inout ValueBuilder) -> Range<Int> {
        var result = builder.beginItem()
        for (name, value) in item.attributes {
            guard let node = tree.child(named: name) else { continue }
            let start = builder.count
            let saved = result
            builder.appendName(name, in: &result)
            if !Self.copy(value, node, into: &builder) {
                builder.truncate(to: start)
                result = saved
            }
        }
        guard let range = builder.endItem(result) else { preconditionFailure("An item has a name twice") }
        return range
    }

    /// Copies the parts of a value. False, and nothing copied, when there are none.
    private static func copy(_ value: ValueView, _ node: PathTree<Void>, into builder: inout ValueBuilder) -> Bool {
        if node.leaf != nil {
            builder.append(value)
            return true
        }
        let start = builder.count
        var isEmpty = true
        if let map = value.map {
            var result = builder.begin(.map)
            for (name, member) in map {
                guard let child = node.child(named: name) else { continue }
                let memberStart = builder.count
                let saved = result
                builder.appendName(name, in: &result)
                if copy(member, child, into: &builder) {
                    isEmpty = false
                } else {
                    builder.truncate(to: memberStart)
                    result = saved
                }
            }
            _ = builder.endMap(result)
        } else if let list = value.list {
            let result = builder.begin(.list)
            for (index, element) in list.enumerated() {
                guard let child = node.elements[index] else { continue }
                if copy(element, child, into: &builder) { isEmpty = false }
            }
            builder.endList(result)
        }
        if isEmpty { builder.truncate(to: start) }
        return !isEmpty
    }
}
