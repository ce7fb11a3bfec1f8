internal import COpenSSL

/// Runs an `i2d_X` function twice, once for the size, and gives the DER.
func der(_ operation: String, _ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32) throws(OpenSSLError) -> [UInt8] {
    var output: UnsafeMutablePointer<UInt8>?
    let length = encode(&output)
    guard length > 0, let start = output else { throw .last(operation) }
    defer { shim_free(start) }
    return Array(UnsafeBufferPointer(start: start, count: Int(length)))
}

/// Runs `write` on a memory BIO and gives what it wrote.
func written(_ operation: String, _ write: (OpaquePointer) -> Int32) throws(OpenSSLError) -> [UInt8] {
    guard let bio = BIO_new(BIO_s_mem()) else { throw .last(operation) }
    defer { BIO_free(bio) }
    guard write(bio) == 1 else { throw .last(operation) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 4096)
    while true {
        let count = BIO_read(bio, &block, Int32(block.count))
        guard count > 0 else { return bytes }
        bytes += block[..<Int(count)]
    }
}

/// Runs `read` on a BIO that holds `bytes`.
func reading<Result>(_ operation: String, _ bytes: [UInt8], _ read: (OpaquePointer) -> Result?) throws(OpenSSLError) -> Result {
    guard let bio = BIO_new_mem_buf(bytes, Int32(bytes.count)) else { throw .last(operation) }
    defer { BIO_free(bio) }
    guard let result = read(bio) else { throw .last(operation) }
    return result
}

/// Takes an object in DER apart with one of the `d2i` functions; `isWhole` is whether it fills all the bytes. The caller owns the object.
func decoding(
    _ der: [UInt8], _ decode: (UnsafeMutablePointer<UnsafePointer<UInt8>?>, Int) -> OpaquePointer?
) -> (object: OpaquePointer?, isWhole: Bool) {
    der.withUnsafeBufferPointer { buffer in
        var end = buffer.baseAddress
        let object = decode(&end, buffer.count)
        return (object, end == buffer.baseAddress.map { $0 + buffer.count })
    }
}
