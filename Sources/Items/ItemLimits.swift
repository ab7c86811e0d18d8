/// What DynamoDB allows an item to be.
package enum ItemLimits {
    /// An item's names and values, by the size rule. (AWS: 400 KB.)
    package static let itemSizeMax = 400 * 1024

    /// Levels of a document: a top-level attribute's value is the first, a member of a map in it the second. AWS takes
    /// a scalar within 31 maps and refuses it within 32.
    package static let nestingMax = 32

    /// An attribute's name, at any level. (AWS: 64 KB, less one.)
    package static let nameSizeMax = 65_535

    /// A partition key's value. (AWS.)
    package static let partitionKeySizeMax = 2048

    /// A sort key's value. (AWS.)
    package static let sortKeySizeMax = 1024

    /// Levels of JSON that are read before the text is refused: more than any request of the service has, few enough to
    /// keep which of them are arrays in a few words.
    package static let jsonNestingMax = 512
}
