package import Expressions
package import Items

/// What a SELECT shows of an item.
package enum SelectList {
    /// `*`.
    case everything
    /// No two of one name.
    case columns([Column])

    /// A value of an item, and where it goes.
    package struct Column: Sendable {
        /// Where the value is.
        package let path: DocumentPath

        /// The attribute that it becomes: the path's last name, with the indexes behind it.
        package let name: String

        init(path: DocumentPath) {
            self.path = path
            var name = path.attribute
            for step in path.steps {
                switch step {
                case .name(let next): name = next
                case .index(let index): name += "[\(index)]"
                }
            }
            self.name = name
        }
    }

    /// What it looks at; nil for everything.
    package var paths: [DocumentPath]? {
        guard case .columns(let columns) = self else { return nil }
        return columns.map(\.path)
    }

    /// Writes the item that is shown of another: its columns, without those that it has not.
    ///
    /// - Parameter builder: not the one that the item lies in.
    package func apply(to item: ItemView, into builder: inout ValueBuilder) -> Range<Int> {
        var result = builder.beginItem()
        switch self {
        case .everything:
            for (name, value) in item.attributes {
                builder.appendName(name, in: &result)
                builder.append(value)
            }
        case .columns(let columns):
            for column in columns {
                guard let value = column.path.value(in: item) else { continue }
                builder.appendName(column.name, in: &result)
                builder.append(value)
            }
        }
        guard let range = builder.endItem(result) else { preconditionFailure("Two columns have one name") }
        return range
    }
}
