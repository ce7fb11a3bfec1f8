internal import APIContract
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Primitives

/// Responses of this API.
enum Answer {
    static func json(_ value: JSON, status: HTTPResponse.Status = .ok) -> Response {
        bytes(value.canonical, type: "application/json", status: status)
    }

    static func text(_ value: String, type: String = "text/plain; charset=utf-8") -> Response { bytes(Array(value.utf8), type: type) }

    static let nothing = Response(status: .noContent)

    static func problem(_ refusal: Refusal, _ headers: HTTPFields) -> Response {
        let problem = Problem(refusal, language: Language(acceptLanguage: headers[.acceptLanguage]))
        var response = bytes(problem.json.canonical, type: API.problemType, status: HTTPResponse.Status(code: problem.status))
        if let seconds = refusal.members["retry_after"]?.int { response.headers[.retryAfter] = String(seconds) }
        return response
    }

    static func bytes(_ bytes: [UInt8], type: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status,
            // Answers hold tokens and names: no cache may keep them.
            headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}

/// Turns refusals into problem documents, and whatever the router refuses too.
struct ProblemMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: CallContext, next: @concurrent (Request, CallContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let refusal as Refusal {
            return Answer.problem(refusal, request.headers)
        } catch is NIOTooManyBytesError {
            return Answer.problem(Refusal(.payloadTooLarge), request.headers)
        } catch let error as HTTPError {
            return Answer.problem(Refusal(Self.code(error.status)), request.headers)
        }
    }

    private static func code(_ status: HTTPResponse.Status) -> ErrorCode {
        switch status {
        case .notFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .contentTooLarge: .payloadTooLarge
        case .unsupportedMediaType: .unsupportedMediaType
        case .badRequest: .invalidRequest
        default: .internalError
        }
    }
}
