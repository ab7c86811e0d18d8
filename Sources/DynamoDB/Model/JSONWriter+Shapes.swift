import Items

/// What the generated writers are made of: members that are left out when there is no value.
extension JSONWriter {
    /// A string, or nothing.
    mutating func member(_ name: StaticString, _ value: String?) {
        guard let value else { return }
        self.name(name)
        string(value)
    }

    /// A whole number, or nothing.
    mutating func member(_ name: StaticString, _ value: Int?) {
        guard let value else { return }
        self.name(name)
        integer(value)
    }

    /// A number, or nothing. Times are seconds since 1970, with their milliseconds as the fraction.
    mutating func member(_ name: StaticString, _ value: Double?) {
        guard let value else { return }
        self.name(name)
        double(value)
    }

    /// A truth value, or nothing.
    mutating func member(_ name: StaticString, _ value: Bool?) {
        guard let value else { return }
        self.name(name)
        boolean(value)
    }

    /// Strings, or nothing.
    mutating func member(_ name: StaticString, _ values: [String]?) {
        guard let values else { return }
        self.name(name)
        beginArray()
        for value in values { string(value) }
        endArray()
    }

    /// A structure, or nothing.
    mutating func member<Shape: APIOutput>(_ name: StaticString, _ value: Shape?) {
        guard let value else { return }
        self.name(name)
        value.write(to: &self)
    }

    /// Structures, or nothing.
    mutating func member<Shape: APIOutput>(_ name: StaticString, _ values: [Shape]?) {
        guard let values else { return }
        self.name(name)
        beginArray()
        for value in values { value.write(to: &self) }
        endArray()
    }
}
