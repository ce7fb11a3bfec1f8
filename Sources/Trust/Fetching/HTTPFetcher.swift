internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
package import Primitives
package import Revocation
internal import Signatures

/// Fetches over HTTP. Whom it speaks to does not matter, since what it brings is checked by its signature; https is taken as well. Nothing
/// stays open between two fetches.
package struct HTTPFetcher: ListFetcher, StatusTransport, TimestampTransport {
    private static let mostRedirects = 3
    private static let connectTime = TimeAmount.seconds(5)
    /// Longest silence within an answer.
    private static let silence = TimeAmount.seconds(15)

    package init() {}

    package func fetch(
        _ address: WebAddress, known: ListVersion?, into path: String, largest: Int
    ) async throws(FetchFailure) -> ListVersion? {
        var request = HTTPClientRequest(url: address.text)
        if let tag = known?.tag { request.headers.add(name: "If-None-Match", value: tag) }
        if let modified = known?.modified { request.headers.add(name: "If-Modified-Since", value: modified) }
        return try await Self.exchange(request) { (answer) async throws -> ListVersion? in
            if answer.status == .notModified, known != nil { return nil }
            guard answer.status == .ok else { throw FetchFailure.status(Int(answer.status.code)) }
            try Self.check(answer, atMost: largest)
            let file = try FetchedFile(path)
            var size = 0
            for try await part in answer.body {
                size += part.readableBytes
                guard size <= largest else { throw FetchFailure.tooLarge }
                try await file.write(part)
            }
            return ListVersion(tag: answer.headers.first(name: "ETag"), modified: answer.headers.first(name: "Last-Modified"))
        }
    }

    package func ask(_ question: [UInt8], at address: WebAddress, largest: Int) async throws(FetchFailure) -> [UInt8] {
        try await Self.post(question, "application/ocsp-request", to: address, largest: largest)
    }

    package func stamp(_ question: [UInt8], at address: WebAddress, largest: Int) async throws(FetchFailure) -> [UInt8] {
        try await Self.post(question, "application/timestamp-query", to: address, largest: largest)
    }

    private static func post(
        _ question: [UInt8], _ type: String, to address: WebAddress, largest: Int
    ) async throws(FetchFailure) -> [UInt8] {
        var request = HTTPClientRequest(url: address.text)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: type)
        request.body = .bytes(question)
        return try await Self.exchange(request) { (answer) async throws -> [UInt8] in
            guard answer.status == .ok else { throw FetchFailure.status(Int(answer.status.code)) }
            try Self.check(answer, atMost: largest)
            var bytes: [UInt8] = []
            for try await part in answer.body {
                guard bytes.count + part.readableBytes <= largest else { throw FetchFailure.tooLarge }
                bytes += part.readableBytesView
            }
            return bytes
        }
    }

    /// A length that is announced is believed only when it says too much.
    private static func check(_ answer: HTTPClientResponse, atMost largest: Int) throws {
        if let length = answer.headers.first(name: "Content-Length").flatMap({ Int($0) }), length > largest { throw FetchFailure.tooLarge }
    }

    private static func exchange<Value: Sendable>(
        _ request: HTTPClientRequest, _ read: @escaping @Sendable (HTTPClientResponse) async throws -> Value
    ) async throws(FetchFailure) -> Value {
        var request = request
        request.headers.add(name: "User-Agent", value: "cps-agent")
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .follow(max: mostRedirects, allowCycles: false)
        configuration.timeout = HTTPClient.Configuration.Timeout(connect: connectTime, read: silence)
        configuration.httpVersion = .http1Only
        let final = request
        do {
            return try await HTTPClient.withHTTPClient(configuration: configuration) { client in
                // Who asks sets the limit, and cancels; this is the last resort.
                try await read(try await client.execute(final, deadline: .now() + .seconds(600)))
            }
        } catch {
            throw failure(error)
        }
    }

    private static func failure(_ error: any Error) -> FetchFailure {
        switch error {
        case let failure as FetchFailure: failure
        case let error as FileError: .notWritten(error.reason)
        case is CancellationError: .tooSlow
        case let error as HTTPClientError:
            switch error {
            case .redirectLimitReached, .redirectCycleDetected: .redirected
            case .readTimeout, .connectTimeout, .deadlineExceeded, .cancelled: .tooSlow
            default: .unreachable(String(error.shortDescription.prefix(200)))
            }
        default: .unreachable(String("\(error)".prefix(200)))
        }
    }
}
