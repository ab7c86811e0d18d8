import Testing
@Test func placeholderDisk() {}
