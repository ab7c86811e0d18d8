import Testing
@Test func placeholderAWSWire() {}
