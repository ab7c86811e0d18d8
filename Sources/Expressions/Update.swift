package import Items

/// What an UpdateExpression does to an item.
///
/// It holds views of its values: they must stay where they are while it is in use.
package struct Update {
    /// One action.
    package struct Action {
        package let path: DocumentPath
        package let change: Change

        package init(path: DocumentPath, change: Change) {
            self.path = path
            self.change = change
        }
    }

    /// What happens to a path.
    package enum Change {
        /// SET: the path gets a value.
        case set(Operand)
        /// REMOVE.
        case remove
        /// ADD: a number is added to a number, a set to a set; what is not there begins as nothing.
        case add(ValueView)
        /// DELETE: a set's elements are taken out of a set.
        case delete(ValueView)
    }

    /// What a path is set to, of the item as it was before.
    package indirect enum Operand {
        case path(DocumentPath)
        case value(ValueView)
        case sum(Operand, Operand)
        case difference(Operand, Operand)
        case ifNotExists(DocumentPath, Operand)
        case listAppend(Operand, Operand)
    }

    /// In the order of the text. No path is within another.
    package let actions: [Action]

    /// An update that no text names: its paths must not be within one another.
    package init(actions: [Action]) { self.actions = actions }

    /// The paths that its expression names.
    package var paths: [DocumentPath] { actions.flatMap { [$0.path] + $0.change.paths } }

    /// What the update touches, for UPDATED_OLD and UPDATED_NEW: projected from the item before, or after.
    package var touched: Projection { Projection(paths: actions.map(\.path)) }
}

extension Update.Change {
    /// The type of what it makes of a path, where that shows without the item.
    package var type: AttributeType? {
        switch self {
        case .set(.value(let value)), .add(let value), .delete(let value): value.type
        case .set(.sum), .set(.difference): .number
        case .set(.listAppend): .list
        case .set(.path), .set(.ifNotExists), .remove: nil
        }
    }

    fileprivate var paths: [DocumentPath] {
        switch self {
        case .set(let operand): operand.paths
        case .remove, .add, .delete: []
        }
    }
}

extension Update.Operand {
    fileprivate var paths: [DocumentPath] {
        switch self {
        case .path(let path): [path]
        case .value: []
        case .sum(let a, let b), .difference(let a, let b), .listAppend(let a, let b): a.paths + b.paths
        case .ifNotExists(let path, let other): [path] + other.paths
        }
    }
}
