"""A PAM transaction as an application runs it (pam_start_confdir), with a person who answers by rules."""

import ctypes
import ctypes.util

SUCCESS, SERVICE_ERR, SYSTEM_ERR = 0, 3, 4
PERM_DENIED, AUTH_ERR, AUTHINFO_UNAVAIL, USER_UNKNOWN, MAXTRIES = 6, 7, 9, 10, 11
ACCT_EXPIRED, SESSION_ERR, AUTHTOK_ERR, IGNORE = 13, 14, 20, 25
SERVICE, USER, RHOST = 1, 2, 4
ECHO_OFF, ECHO_ON, ERROR, INFORMATION = 1, 2, 3, 4
SILENT = 0x8000

_libc = ctypes.CDLL(None)
_libc.calloc.restype = ctypes.c_void_p
_libc.calloc.argtypes = [ctypes.c_size_t, ctypes.c_size_t]
_libc.strdup.restype = ctypes.c_void_p
_libc.strdup.argtypes = [ctypes.c_char_p]
_libpam = ctypes.CDLL("libpam.so.0")


class _Message(ctypes.Structure):
    _fields_ = [("style", ctypes.c_int), ("text", ctypes.c_char_p)]


class _Response(ctypes.Structure):
    _fields_ = [("text", ctypes.c_void_p), ("code", ctypes.c_int)]


_CONVERSE = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_int, ctypes.POINTER(ctypes.POINTER(_Message)), ctypes.POINTER(ctypes.c_void_p), ctypes.c_void_p)


class _Conversation(ctypes.Structure):
    _fields_ = [("converse", _CONVERSE), ("data", ctypes.c_void_p)]


_libpam.pam_start_confdir.argtypes = [
    ctypes.c_char_p, ctypes.c_char_p, ctypes.POINTER(_Conversation), ctypes.c_char_p, ctypes.POINTER(ctypes.c_void_p)]
for _name in ("authenticate", "setcred", "acct_mgmt", "open_session", "close_session", "chauthtok", "end"):
    getattr(_libpam, f"pam_{_name}").argtypes = [ctypes.c_void_p, ctypes.c_int]
_libpam.pam_get_item.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(ctypes.c_char_p)]
_libpam.pam_set_item.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p]
_libpam.pam_getenv.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
_libpam.pam_getenv.restype = ctypes.c_char_p


def write_service(folder, name, module, options=""):
    """A PAM file in which the module alone decides everything."""
    lines = [f"{kind} required {module} {options}" for kind in ("auth", "account", "session", "password")]
    (folder / name).write_text("\n".join(lines) + "\n")


class Pam:
    """One handle. `person(style, prompt)` gives an answer, or None for somebody who goes away."""

    def __init__(self, folder, service, user=None, person=lambda style, prompt: None, remote=None):
        self.person = person
        self.messages = []
        self.conversation = _Conversation(_CONVERSE(self._converse), None)
        self.handle = ctypes.c_void_p()
        self.status = _libpam.pam_start_confdir(
            service.encode(), user.encode() if user is not None else None, ctypes.byref(self.conversation), str(folder).encode(),
            ctypes.byref(self.handle))
        assert self.status == SUCCESS, self.status
        if remote is not None:
            assert _libpam.pam_set_item(self.handle, RHOST, remote.encode()) == SUCCESS

    def _converse(self, count, messages, responses, _):
        array = _libc.calloc(count, ctypes.sizeof(_Response))
        replies = ctypes.cast(array, ctypes.POINTER(_Response))
        for place in range(count):
            style, text = messages[place].contents.style, messages[place].contents.text.decode()
            self.messages.append((style, text))
            if style in (ECHO_OFF, ECHO_ON):
                reply = self.person(style, text)
                if reply is None:
                    return 19  # PAM_CONV_ERR
                replies[place].text = _libc.strdup(reply.encode())
        responses[0] = array
        return SUCCESS

    def _call(self, name, flags):
        self.status = getattr(_libpam, f"pam_{name}")(self.handle, flags)
        return self.status

    def authenticate(self, flags=0):
        return self._call("authenticate", flags)

    def account(self, flags=0):
        return self._call("acct_mgmt", flags)

    def open_session(self, flags=0):
        return self._call("open_session", flags)

    def close_session(self, flags=0):
        return self._call("close_session", flags)

    def change(self, flags=0):
        return self._call("chauthtok", flags)

    def credentials(self, flags=2):
        return self._call("setcred", flags)

    def user(self):
        item = ctypes.c_char_p()
        assert _libpam.pam_get_item(self.handle, USER, ctypes.byref(item)) == SUCCESS
        return item.value and item.value.decode()

    def set_user(self, name):
        assert _libpam.pam_set_item(self.handle, USER, name.encode()) == SUCCESS

    def variable(self, name):
        value = _libpam.pam_getenv(self.handle, name.encode())
        return value and value.decode()

    def text(self):
        """Everything that was shown and asked."""
        return "\n".join(text for _, text in self.messages)

    def end(self, status=None):
        """Ends the handle as an application does, with the last result."""
        if self.handle:
            _libpam.pam_end(self.handle, self.status if status is None else status)
            self.handle = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()
