import Testing
@Test func placeholderS3() {}
