import Items

/// What the generated readers are made of. Each reads one member's value; nil for `null`.
extension JSONReader {
    /// Reads an object of attributes.
    mutating func readItemRef(into values: inout ValueBuilder) throws(InputError) -> ItemRef? {
        guard let range = try readItem(into: &values) else { return nil }
        return ItemRef(range)
    }

    /// Reads the values of an expression, by their placeholders.
    mutating func readNamedValueRefs(into values: inout ValueBuilder) throws(InputError) -> ItemRef? {
        guard let range = try readNamedValues(into: &values) else { return nil }
        return ItemRef(range)
    }

    /// Reads where a page begins. What is wrong with its values is kept apart, as the service looks at it later.
    mutating func readStartKeyRef(into values: inout ValueBuilder) throws(InputError) -> ItemRef? {
        let kept = takeProblem()
        let key = try readItemRef(into: &values)
        keptProblems["ExclusiveStartKey"] = takeProblem()
        problem = kept
        return key
    }

    /// Reads KeyConditions. What is wrong with their values is kept apart, as the service looks at it last.
    mutating func readKeyConditions(into values: inout ValueBuilder) throws(InputError) -> [String: API.Condition]? {
        let kept = takeProblem()
        let conditions = try readMap(
            of: API.Condition.self, named: "com.amazonaws.dynamodb.v20120810.Condition", into: &values)
        keptProblems["KeyConditions"] = takeProblem()
        problem = kept
        return conditions
    }

    /// Reads an attribute value.
    mutating func readValueRef(
        into values: inout ValueBuilder, in place: Place = .member
    ) throws(InputError) -> ValueRef? {
        guard let range = try readAttributeValue(into: &values, in: place) else { return nil }
        return ValueRef(range)
    }

    /// Reads an array of objects of attributes.
    mutating func readItemRefs(into values: inout ValueBuilder) throws(InputError) -> [ItemRef]? {
        guard try beginList() else { return nil }
        var items: [ItemRef] = []
        while try nextElement() {
            try refuseScalar()
            guard let item = try readItemRef(into: &values) else { throw Self.nullElement }
            items.append(item)
        }
        return items
    }

    /// Reads an array of attribute values.
    mutating func readValueRefs(into values: inout ValueBuilder) throws(InputError) -> [ValueRef]? {
        guard try beginList() else { return nil }
        var refs: [ValueRef] = []
        while try nextElement() {
            guard let ref = try readValueRef(into: &values, in: .element) else { throw Self.nullElement }
            refs.append(ref)
        }
        return refs
    }

    /// Reads the parameters of a statement. What is wrong with them is kept apart, too.
    mutating func readParameters(into values: inout ValueBuilder) throws(InputError) -> [ValueRef]? {
        let kept = takeProblem()
        let place = values.count
        isInParameters = true
        let refs = try readValueRefs(into: &values)
        isInParameters = false
        parameterProblems[place] = problem
        problem = kept ?? problem
        return refs
    }

    /// Reads an array of strings.
    mutating func readStrings() throws(InputError) -> [String]? {
        guard try beginList() else { return nil }
        var strings: [String] = []
        while try nextElement() {
            guard let string = try readString() else { throw Self.nullElement }
            strings.append(string)
        }
        return strings
    }

    /// Reads a map from strings to strings.
    mutating func readStringMap() throws(InputError) -> [String: String]? {
        guard try beginMap(of: "java.lang.String") else { return nil }
        var map: [String: String] = [:]
        while let name = try nextMember() {
            guard let value = try readString() else { throw Self.nullElement }
            guard map.updateValue(value, forKey: name.string) == nil else { throw Self.duplicateName }
        }
        return map
    }

    /// Reads an array of structures. `null` stands for a structure without members.
    mutating func readList<Shape: APIInput>(
        of shape: Shape.Type, into values: inout ValueBuilder
    ) throws(InputError) -> [Shape]? {
        guard try beginList() else { return nil }
        var list: [Shape] = []
        while try nextElement() {
            list.append(try Shape.read(from: &self, in: .element, into: &values) ?? Shape())
        }
        return list
    }

    /// Reads a map from strings to structures. `null` stands for a structure without members.
    mutating func readMap<Shape: APIInput>(
        of shape: Shape.Type, named javaClass: StaticString, into values: inout ValueBuilder
    ) throws(InputError) -> [String: Shape]? {
        guard try beginMap(of: javaClass) else { return nil }
        var map: [String: Shape] = [:]
        while let name = try nextMember() {
            let value = try Shape.read(from: &self, in: .element, into: &values) ?? Shape()
            guard map.updateValue(value, forKey: name.string) == nil else { throw Self.duplicateName }
        }
        return map
    }

    /// Reads a map from strings to arrays of structures. `null` stands for an array without elements.
    mutating func readMapOfLists<Shape: APIInput>(
        of shape: Shape.Type, named javaClass: StaticString, into values: inout ValueBuilder
    ) throws(InputError) -> [String: [Shape]]? {
        guard try beginMap(of: javaClass) else { return nil }
        var map: [String: [Shape]] = [:]
        while let name = try nextMember() {
            try refuseScalar()
            let list = try readList(of: shape, into: &values) ?? []
            guard map.updateValue(list, forKey: name.string) == nil else { throw Self.duplicateName }
        }
        return map
    }

    /// The refusal of `null` where a list or map must hold a value.
    private static let nullElement = InputError.serialization("Unexpected value type in payload")

    /// Refuses a scalar where a list or map within another one should be, with what AWS's reader trips over.
    private mutating func refuseScalar() throws(InputError) {
        guard !isAtContainerOrNull else { return }
        try skipValue()
        throw .serialization(
            "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class "
                + "java.lang.Class (sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and java.lang.Class "
                + "are in module java.base of loader 'bootstrap')")
    }

    /// The refusal of a map that has a name twice. AWS says no more.
    private static let duplicateName = InputError.serialization("")
}
