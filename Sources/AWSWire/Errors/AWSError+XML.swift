package import NIOCore

extension AWSError {
    /// The error document of S3, which unlike its results has no namespace.
    ///
    /// - Parameters:
    ///   - requestID: the value of `x-amz-request-id`.
    ///   - hostID: the value of `x-amz-id-2`.
    package func xmlDocument(requestID: String, hostID: String) -> ByteBuffer {
        var xml = XMLWriter(capacity: 512)
        xml.start("Error")
        appendXMLFields(to: &xml)
        xml.element("RequestId", requestID)
        xml.element("HostId", hostID)
        xml.end("Error")
        return xml.buffer
    }

    /// Code, message, fields and resource, for an `Error` element inside a larger answer.
    package func appendXMLFields(to xml: inout XMLWriter) {
        xml.element("Code", code)
        xml.element("Message", message)
        for field in fields { xml.element(field.name, field.value) }
        if let resource { xml.element("Resource", resource) }
    }
}
