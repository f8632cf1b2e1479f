"""What is said about the extras of a worker: why one is off, how one failed."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from ui.sentences import register

register(
    {
        "extra_off_by_setting": _("Off, because %(setting)s says so."),
        "extra_off_no_program": _("Off, because %(setting)s names a program that is not there: %(path)s."),
        "extra_off_not_installed": _(
            "Off, because the package %(package)s is not installed for %(path)s. Install it there, or see the page of "
            "operations."
        ),
        "speech_off_no_setting": _(
            "Off, because no model is set. Put one into a folder, and its path into SPEECH_MODEL_DIR."
        ),
        "speech_off_no_folder": _("Off, because the folder of SPEECH_MODEL_DIR is not there: %(path)s."),
        "speech_off_no_model": _(
            "Off, because there is no model in %(path)s that we know: SenseVoice or Paraformer, as .onnx."
        ),
        "speech_off_incomplete": _("Off, because the model in %(path)s is not whole: %(missing)s is missing."),
        "slides_failed": _("The writing on the slides could not be read. An editor can start it again."),
        "slides_too_slow": _("Reading the slides took far too long and was stopped. An editor can start it again."),
        "speech_failed": _("What is said could not be written down. An editor can start it again."),
        "speech_too_slow": _(
            "Writing down what is said took far too long and was stopped. An editor can start it again."
        ),
    }
)
