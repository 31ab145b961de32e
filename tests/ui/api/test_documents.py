from __future__ import annotations

import errno
import io
import time
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from ui.api.uploads import safe_name

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

    from tests.ui.api.conftest import Running

NOTICE = """# 青山区关于支持绿色建筑的通知

近日,青山区发布支持绿色建筑的通知。对获得三星级绿色建筑标识的项目,给予每平方米 60 元的奖励,最高 300 万元。
"""


def upload(running: Running, *files: tuple[str, bytes], **said: str) -> Any:
    return running.http.post("/api/v1/documents", files=[("files", file) for file in files], data=said)


def finished(running: Running, response: Any) -> dict[str, Any]:
    """Follow a job to its end and return it."""
    assert response.status_code == 202, response.text
    for _ in range(600):
        job: dict[str, Any] = running.http.get(response.headers["Location"]).raise_for_status().json()
        if job["state"] in ("done", "failed"):
            return job
        time.sleep(0.05)
    pytest.fail(f"the job is not over: {job}")


def ask(running: Running, question: str) -> dict[str, Any]:
    answer: dict[str, Any] = running.http.post("/api/v1/ask", json={"question": question}).raise_for_status().json()
    return answer


def test_an_uploaded_document_answers_and_after_its_removal_no_more(running: Running) -> None:
    question = "三星级绿色建筑标识的项目每平方米奖励多少元?"
    taken = upload(running, ("通知.md", NOTICE.encode()), posted="2032-03-01", source_url="https://example.test/n")
    assert taken.json()["state"] == "waiting"
    job = finished(running, taken)
    assert (job["state"], job["files"]) == ("done", [{"file": "通知.md", "new": True, "texts": 1, "left_out": 0}])
    (document,) = job["documents"]
    assert "60 元" in ask(running, question)["answer"]
    details = running.http.get(f"/api/v1/documents/{document}", params={"text": True}).json()
    assert (details["posted"], details["postings"][0]["source"]) == (["2032-03-01"], "https://example.test/n")
    assert any("60 元" in sentence["text"] for sentence in details["sentences"])

    removed = finished(running, running.http.delete(f"/api/v1/documents/{document}"))
    assert (removed["state"], removed["documents"]) == ("done", [document])
    answer = ask(running, question)
    assert document not in {one["document_id"] for one in (*answer["citations"], *answer["passages"])}
    assert running.http.get(f"/api/v1/documents/{document}").status_code == 404


def test_a_correction_holds_and_is_taken_back_by_null(running: Running) -> None:
    document = running.http.get("/api/v1/documents").json()[0]
    path = f"/api/v1/documents/{document['id']}"
    finished(running, running.http.patch(path, json={"delivered": "2001-02-03", "title": "另一个题目"}))
    shown = running.http.get(path).json()
    assert (shown["delivered"], shown["title"]) == ("2001-02-03", "另一个题目")
    finished(running, running.http.patch(path, json={"delivered": None, "title": None}))
    assert {key: running.http.get(path).json()[key] for key in ("delivered", "title")} == {
        key: document[key] for key in ("delivered", "title")
    }


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({}, 422, "nothing to correct"),
        ({"kind": "letter"}, 422, "kind"),
        ({"sections": {"没有这一节": {"period": "2020"}}}, 409, "没有这一节"),
        ({"other": 1}, 422, "other"),
    ],
)
def test_a_correction_that_cannot_be_is_refused_at_once(
    body: dict[str, Any], status: int, said: str, running: Running
) -> None:
    document = running.http.get("/api/v1/documents").json()[0]["id"]
    response = running.http.patch(f"/api/v1/documents/{document}", json=body)
    assert (response.status_code, said in response.json()["detail"]) == (status, True)


def test_the_list_can_be_read_in_parts(running: Running) -> None:
    whole = running.http.get("/api/v1/documents")
    part = running.http.get("/api/v1/documents", params={"offset": 2, "limit": 3})
    assert part.json() == whole.json()[2:5]
    assert part.headers["X-Total-Count"] == str(len(whole.json()))


def test_the_original_file_comes_as_an_attachment_that_no_browser_runs(running: Running) -> None:
    page = f"<html><body><h1>青山通知</h1><p>{NOTICE}</p><script>alert(1)</script></body></html>".encode()
    (document,) = finished(running, upload(running, ("a b\r\nX: 1.html", page)))["documents"]
    response = running.http.get(f"/api/v1/documents/{document}/file")
    assert response.content == page
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["content-disposition"].startswith("attachment;")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "x" not in response.headers
    assert "<script>" not in str(running.http.get(f"/api/v1/documents/{document}?text=true").json())
    finished(running, running.http.delete(f"/api/v1/documents/{document}"))


def test_a_shipped_document_can_be_downloaded_by_the_name_of_its_file(running: Running) -> None:
    document = running.http.get("/api/v1/documents").json()[0]["id"]
    (name,) = {file["file"] for file in running.http.get(f"/api/v1/documents/{document}").json()["files"]}
    path = f"/api/v1/documents/{document}/file"
    assert name in running.http.get(path, params={"name": name}).headers["content-disposition"]
    assert running.http.get(path, params={"name": "../../pyproject.toml"}).status_code == 404


def bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * 300_000_000)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "status", "said"),
    [
        ("tool.exe", b"MZ", 415, ".docx"),
        ("empty.md", b"  ", 422, "empty"),
        ("report.pdf", b"plain text", 422, "ends in .pdf"),
        ("photo.txt", b"\x89PNG\r\n", 422, "OCR"),
        ("bomb.docx", bomb, 422, "unpack"),
        ("half.docx", b"PK\x03\x04half", 422, "damaged"),
    ],
)
def test_files_that_are_not_read_are_refused_at_once_without_our_folders(
    name: str, content: Any, status: int, said: str, running: Running
) -> None:
    data = content() if callable(content) else content
    response = upload(running, ("good.md", NOTICE.encode()), (name, data))
    assert response.status_code == status
    assert said in response.json()["detail"]
    assert str(running.service.settings.data_dir) not in response.text
    assert not list((running.service.settings.data_dir / "jobs" / "files").glob("*"))


def test_a_file_that_fails_while_it_is_read_fails_its_job_and_nothing_is_added(running: Running) -> None:
    before = running.http.get("/api/v1/documents").json()
    job = finished(running, upload(running, ("good.md", NOTICE.encode()), ("bad.pdf", b"%PDF-1.7 nothing follows")))
    assert job["state"] == "failed"
    assert job["error"].startswith("bad.pdf: ")
    assert running.http.get("/api/v1/documents").json() == before


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.md", "passwd.md"),
        ("C:\\Users\\a\\报告.docx", "报告.docx"),
        ("a\x00b\n.md", "ab.md"),
        ("..", "document"),
        (".md", "document.md"),
        ("  ", "document"),
        ("报" * 300 + ".pdf", "报" * 65 + ".pdf"),
        ('<a href="x">.html', "_a href=_x__.html"),
        ("\u202egnp.md", "gnp.md"),
    ],
)
def test_a_file_name_keeps_what_is_harmless_of_it(given: str, kept: str) -> None:
    assert safe_name(given) == kept
    assert len(kept.encode()) <= 200


def test_an_unknown_job_is_told(running: Running) -> None:
    response = running.http.get("/api/v1/jobs/0123")
    assert (response.status_code, "thirty days" in response.json()["detail"]) == (404, True)


def test_a_full_disk_is_told_and_nothing_is_kept(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("ui.api.uploads.shutil.copyfileobj", fail)
    response = client.post("/api/v1/documents", files={"files": ("note.md", "青山湾".encode())})
    assert response.status_code == 507
    assert "no room" in response.json()["detail"]
