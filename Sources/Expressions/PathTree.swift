/// Paths by their steps, with something at the end of each.
struct PathTree<Leaf> {
    /// What is at the end of the path that leads here; nil on the way.
    private(set) var leaf: Leaf?

    private(set) var members: [[UInt8]: PathTree<Leaf>] = [:]
    private(set) var elements: [Int: PathTree<Leaf>] = [:]

    /// Puts something at the end of a path.
    mutating func insert(_ leaf: Leaf, at path: DocumentPath) {
        insert(leaf, at: [.name(path.attribute)] + path.steps[...])
    }

    private mutating func insert(_ leaf: Leaf, at steps: ArraySlice<DocumentPath.Step>) {
        switch steps.first {
        case nil: self.leaf = leaf
        case .name(let name): members[Array(name.utf8), default: PathTree()].insert(leaf, at: steps.dropFirst())
        case .index(let index): elements[index, default: PathTree()].insert(leaf, at: steps.dropFirst())
        }
    }

    /// What goes on with a name.
    func child(named name: UnsafeRawBufferPointer) -> PathTree<Leaf>? { members.isEmpty ? nil : members[Array(name)] }
}
