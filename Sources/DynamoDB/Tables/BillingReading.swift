/// Reads what a request says of billing and throughput.
enum BillingReading {
    private static let invalid = "One or more parameter values were invalid: "
    /// What AWS bounds the numbers by, whatever the account may use.
    private static let unitsMax = 1_000_000_000_000

    static func isOnDemand(_ mode: String?) -> Bool { mode == "PAY_PER_REQUEST" }

    /// The provisioned units of a table or an index; none on demand.
    ///
    /// - Throws: `ValidationException` when they are missing where they are needed, or given where they are not.
    static func units(
        _ throughput: API.ProvisionedThroughput?, isOnDemand: Bool, ofIndex index: String? = nil
    ) throws(DynamoDBError) -> ProvisionedUnits {
        guard let throughput else {
            if isOnDemand { return .none }
            if let index { throw .validation(invalid + "ProvisionedThroughput is not specified for index: \(index)") }
            throw .validation(
                invalid + "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is "
                    + "PROVISIONED")
        }
        if isOnDemand {
            if let index {
                throw .validation(
                    invalid + "ProvisionedThroughput should not be specified for index: \(index) when BillingMode is "
                        + "PAY_PER_REQUEST")
            }
            throw .validation(
                invalid + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is "
                    + "PAY_PER_REQUEST")
        }
        try checkBounds(throughput, ofIndex: index)
        return ProvisionedUnits(
            read: throughput.readCapacityUnits ?? 0, write: throughput.writeCapacityUnits ?? 0)
    }

    /// - Throws: `ValidationException` for numbers beyond AWS's bounds.
    static func checkBounds(
        _ throughput: API.ProvisionedThroughput, ofIndex index: String? = nil
    ) throws(DynamoDBError) {
        let units = [
            ("ReadCapacityUnits", throughput.readCapacityUnits ?? 0),
            ("WriteCapacityUnits", throughput.writeCapacityUnits ?? 0),
        ]
        for (name, value) in units where value > unitsMax {
            let place = index.map { " for index \($0)" } ?? ""
            throw .validation("Given value \(value) for \(name) is out of bounds\(place)")
        }
    }
}
